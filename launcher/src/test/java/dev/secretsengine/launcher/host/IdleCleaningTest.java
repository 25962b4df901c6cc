package dev.secretsengine.launcher.host;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class IdleCleaningTest {

    private static final Duration NEVER = Duration.ofDays(1);

    private final Semaphore cleanings = new Semaphore(0);
    private Thread thread;

    private IdleCleaning cleaning(Duration idle, Duration atLatest) {
        IdleCleaning cleaning = new IdleCleaning(idle, atLatest, cleanings::release);
        thread = Thread.ofPlatform().start(cleaning::run);
        return cleaning;
    }

    @AfterEach
    void end() throws InterruptedException {
        thread.interrupt();
        thread.join();
    }

    @Test
    void cleansOnceAfterWork() throws Exception {
        IdleCleaning cleaning = cleaning(Duration.ofMillis(20), NEVER);
        assertFalse(cleanings.tryAcquire(100, TimeUnit.MILLISECONDS), "nothing has happened yet");
        cleaning.worked();
        cleanings.acquire();
        assertFalse(cleanings.tryAcquire(100, TimeUnit.MILLISECONDS), "nothing has happened since");
        cleaning.worked();
        cleanings.acquire();
    }

    @Test
    void cleansBeforeLongWhereWorkNeverEnds() throws Exception {
        IdleCleaning cleaning = cleaning(NEVER, Duration.ofMillis(50));
        cleaning.worked();
        cleanings.acquire();
    }
}
