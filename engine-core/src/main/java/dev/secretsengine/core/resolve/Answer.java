package dev.secretsengine.core.resolve;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.watch.Delivery;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** What one plugin answers; wiped when it comes too late for whoever asked. Whoever runs it first waits for it. */
final class Answer extends Delivery<List<Envelope>> {

    static final int MOST_ANSWERS = 20_000;
    static final long MOST_BYTES = 64 << 20;

    /** How long a lookup may go on after its answer was no longer wanted, before that is held against the plugin. */
    private static final long GRACE_SECONDS = 5;

    private static final Pattern HALF_PAIR = Pattern.compile("[\\x{d800}-\\x{dfff}]");

    private static final Comparator<Envelope> BY_ID = Comparator.comparing(Envelope::id);

    private final Source source;
    private final Work work;

    Answer(Source source, SecretPattern pattern, Source.Pending pending) {
        this(source, new Work(source, pattern, pending));
    }

    private Answer(Source source, Work work) {
        super(work, envelopes -> envelopes.forEach(Envelope::close));
        this.source = source;
        this.work = work;
    }

    /** Waits for the answer and takes of it what was asked for. */
    private static final class Work implements Callable<List<Envelope>> {

        private final Source source;
        private final SecretPattern pattern;
        private final Source.Pending pending;
        private volatile boolean running;

        Work(Source source, SecretPattern pattern, Source.Pending pending) {
            this.source = source;
            this.pattern = pattern;
            this.pending = pending;
        }

        @Override
        public List<Envelope> call() throws SecretsException {
            running = true;
            try {
                return accepted(source, pattern, pending.await());
            } finally {
                running = false;
            }
        }
    }

    Source source() {
        return source;
    }

    /** Runs on this thread, which a caller that goes away interrupts. */
    void runHere(RequestContext context) {
        boolean wasInterrupted = Thread.interrupted();
        try (Cancellation.Registration _ = context.cancellation().onCancel(() -> cancel(true))) {
            run();
        }
        // An interruption from in there was for the provider, or by it.
        Thread.interrupted();
        if (wasInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Nobody waits any more; an answer that has come in just now is wiped, and one that never comes is told of. */
    void giveUp(Executor threads) {
        CompletableFuture.delayedExecutor(GRACE_SECONDS, TimeUnit.SECONDS, threads).execute(() -> {
            if (work.running) {
                source.lookup().overdue();
            }
        });
        giveUp();
    }

    private static List<Envelope> accepted(Source source, SecretPattern pattern, List<Envelope> answer)
            throws SecretsException {
        requireBounded(answer);
        requireText(source, answer);
        List<Envelope> accepted = new ArrayList<>(answer.size());
        for (Envelope envelope : answer) {
            if (pattern.matches(envelope.id()) && source.pattern().matches(envelope.id())
                    && !InternalIds.contains(envelope.id())) {
                accepted.add(envelope.from(source.name(), source.version()));
            } else {
                envelope.close();
            }
        }
        if (accepted.size() > 1) {
            accepted.sort(BY_ID);
        }
        return accepted;
    }

    /** Half of a surrogate pair would reach clients as another character. */
    private static void requireText(Source source, List<Envelope> answer) throws SecretsException {
        for (Envelope envelope : answer) {
            if (HALF_PAIR.matcher(envelope.version() + envelope.metadata()).find()) {
                answer.forEach(Envelope::close);
                throw new SecretsException.Failed(source.name(),
                        "the plugin " + source.name() + " answered metadata with half of a surrogate pair",
                        "report this to the plugin's author");
            }
        }
    }

    /** What a plugin hands over is held in memory until it has gone to the client. */
    private static void requireBounded(List<Envelope> answer) {
        long bytes = 0;
        for (Envelope envelope : answer) {
            bytes += envelope.value().length();
        }
        if (answer.size() > MOST_ANSWERS || bytes > MOST_BYTES) {
            answer.forEach(Envelope::close);
            throw new TooMuch();
        }
    }

    /** See {@link #requireBounded}. */
    static final class TooMuch extends RuntimeException {

        private static final long serialVersionUID = 1L;
    }
}
