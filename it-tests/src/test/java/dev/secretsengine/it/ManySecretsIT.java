package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.exceptionfactory.jagged.RecipientStanzaWriter;
import com.exceptionfactory.jagged.framework.stream.StandardEncryptingChannelFactory;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaWriterFactory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Far more secrets than anybody has. */
class ManySecretsIT {

    private Home home;

    @BeforeEach
    void makeHome() throws IOException {
        home = Home.withAgeInMemory();
    }

    @AfterEach
    void removeHome() throws IOException {
        home.close();
    }

    @Test
    void tenThousandSecretsAreAsGoodAsTen() throws Exception {
        for (int i = 0; i < 10; i++) {
            home.pass("set", "many/0/" + i + "=value-" + i).ok();
        }
        long few = medianOfGet();
        encrypt(10, 10_000);
        long many = medianOfGet();
        assertEquals(10_000, home.direct().pass("ls").ok().lines().count());
        // Only to see that nobody reads them all for each: what it takes exactly is for the bench to say.
        assertTrue(many < 10 * few + TimeUnit.MILLISECONDS.toNanos(20), () -> few + " ns became " + many + " ns");
        assertEquals("value-7777", home.pass("get", "--reveal", "many/77/7777").ok());
        assertEquals("value-7777", home.sh("X=se://many/77/7777 docker pass run -- printenv X").ok().strip());

        assertEquals(10_000,
                home.pass("rm", "--all").ok().lines().filter(line -> line.startsWith("RM: many/")).count());
        assertEquals("", home.pass("ls").ok());
    }

    /** Stores as docs/age-store.md tells people to do it by hand, since ten thousand calls of set take a minute. */
    private void encrypt(int from, int to) throws Exception {
        RecipientStanzaWriter recipient = X25519RecipientStanzaWriterFactory
                .newRecipientStanzaWriter(home.pass("identity", "show").ok().strip(), new BouncyCastleProvider());
        var factory = new StandardEncryptingChannelFactory(new BouncyCastleProvider());
        for (int i = from; i < to; i++) {
            Path file = home.data().resolve("secrets/many," + i / 100 + "," + i + ".age");
            try (FileChannel plain = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                    WritableByteChannel channel = factory.newEncryptingChannel(plain, List.of(recipient))) {
                channel.write(ByteBuffer.wrap(("value-" + i).getBytes(StandardCharsets.UTF_8)));
            }
        }
    }

    private long medianOfGet() throws IOException {
        List<Long> times = new ArrayList<>();
        for (int i = 0; i < 51; i++) {
            long begin = System.nanoTime();
            home.direct().pass("get", "--reveal", "many/0/5").ok();
            times.add(System.nanoTime() - begin);
        }
        return times.stream().sorted().skip(times.size() / 2).findFirst().orElseThrow();
    }
}
