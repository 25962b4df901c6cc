package dev.secretsengine.core.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.secretsengine.client.protocol.ConnectCode;
import dev.secretsengine.client.protocol.ConnectError;
import dev.secretsengine.client.protocol.PluginMessages.RegisterPluginRequest;
import dev.secretsengine.client.protocol.PluginMessages.RegisterPluginResponse;
import dev.secretsengine.client.protocol.PluginMessages.Role;
import dev.secretsengine.client.protocol.PluginMessages.SecretsProvider;
import dev.secretsengine.client.protocol.ResolverMessages.Envelope;
import dev.secretsengine.client.protocol.ResolverMessages.GetSecretsRequest;
import dev.secretsengine.client.protocol.ResolverMessages.GetSecretsResponse;
import dev.secretsengine.client.protocol.codec.SecretBytes;
import dev.secretsengine.client.protocol.http.HttpHead;
import dev.secretsengine.client.protocol.http.HttpReader;
import dev.secretsengine.client.protocol.http.HttpWriter;
import dev.secretsengine.core.yamux.YamuxSession;
import dev.secretsengine.core.yamux.YamuxSettings;
import dev.secretsengine.core.yamux.YamuxStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A plugin that is a process of its own as far as its engine can tell. */
public final class FakePlugin implements Closeable {

    /** What a lookup is answered with. */
    public interface Lookups {

        Result answer(String pattern) throws InterruptedException;
    }

    /**
     * An answer.
     *
     * @param status of HTTP
     * @param type of the body
     */
    public record Result(int status, String type, byte[] body) {
    }

    /** Told to end. */
    public final CountDownLatch toldToEnd = new CountDownLatch(1);

    /** The connection has gone. */
    public final CountDownLatch hungUpOn = new CountDownLatch(1);

    /** A lookup has come in. */
    public final CountDownLatch asked = new CountDownLatch(1);

    /** The engine's side of that lookup's stream has gone. */
    public final CountDownLatch gaveUp = new CountDownLatch(1);

    private final RawClient client;
    private final YamuxSession session;
    private final Lookups lookups;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    public FakePlugin(Path socket, Lookups lookups) throws IOException {
        this.lookups = lookups;
        client = new RawClient(socket);
        client.send("GET /hijack HTTP/1.1\r\nHost: secrets-engine.localhost\r\nConnection: upgrade\r\n"
                + "Upgrade: tcp\r\n\r\n");
        int status = client.read().status();
        if (status != 101) {
            throw new AssertionError("not taken over: " + status);
        }
        session = YamuxSession.client(client.input(), Channels.newOutputStream(client.channel()), client, threads,
                YamuxSettings.DEFAULT.withInboundStreams(10_000));
        threads.execute(this::serve);
    }

    /** One secret. */
    public static Result found(String id, String value) {
        try (GetSecretsResponse answer = new GetSecretsResponse(List.of(new Envelope(id,
                SecretBytes.wrap(value.getBytes(UTF_8)), "somebody else", "7", null, null, null, Map.of("k", "v"))))) {
            return new Result(200, RawClient.PROTO, GetSecretsResponse.TYPE.toProto(answer));
        }
    }

    public static Result error(ConnectCode code, String message) {
        return new Result(code.status(), RawClient.JSON, new ConnectError(code, message).toJson());
    }

    /** Registers as a provider: the status, and what went wrong. */
    public String register(String name, String version, String pattern) throws Exception {
        return register(name, version, new SecretsProvider(pattern));
    }

    public String register(String name, String version, Role role) throws Exception {
        return register(new RegisterPluginRequest(name, version, role));
    }

    public String register(RegisterPluginRequest request) throws Exception {
        try (YamuxStream stream = session.open(Duration.ofSeconds(5))) {
            stream.limit(Duration.ofSeconds(10));
            new HttpWriter(stream.output()).request("POST", "/plugins.v1.RegisterService/RegisterPlugin")
                    .header("Host", "unix").header("Connection", "close").header("Content-Type", RawClient.PROTO)
                    .send(RegisterPluginRequest.TYPE.toProto(request));
            try (HttpReader reader = new HttpReader(stream.input())) {
                HttpHead head = reader.readResponse();
                byte[] body = reader.readBody(head, 1 << 16);
                return head.status() + " " + (head.status() == 200
                        ? new String(RegisterPluginResponse.TYPE.toJson(RegisterPluginResponse.TYPE.fromProto(body)),
                                UTF_8)
                        : new String(body, UTF_8));
            }
        }
    }

    private void serve() {
        try {
            for (YamuxStream stream = session.accept(); stream != null; stream = session.accept()) {
                YamuxStream call = stream;
                threads.execute(() -> answer(call));
            }
        } catch (IOException e) {
            // It ends either way.
        } finally {
            hungUpOn.countDown();
        }
    }

    private void answer(YamuxStream stream) {
        try (stream; HttpReader reader = new HttpReader(stream.input())) {
            HttpHead head = reader.readRequest();
            byte[] body = reader.readBody(head, 1 << 20);
            if (head.path().equals("/plugins.v1.PluginService/Shutdown")) {
                toldToEnd.countDown();
                send(stream, new Result(200, RawClient.PROTO, new byte[0]));
                // As the SDK does it: its answers to what was asked before go first.
                threads.execute(session::close);
                return;
            }
            asked.countDown();
            threads.execute(() -> awaitEnd(stream));
            send(stream, lookups.answer(String.valueOf(GetSecretsRequest.TYPE.fromProto(body).pattern())));
        } catch (Exception e) {
            // The engine sees what it gets.
        }
    }

    private void awaitEnd(YamuxStream stream) {
        try {
            stream.input().read();
        } catch (IOException e) {
            // Broken, which is an end as well.
        }
        gaveUp.countDown();
    }

    private static void send(YamuxStream stream, Result result) throws IOException {
        new HttpWriter(stream.output()).response(result.status()).header("Content-Type", result.type())
                .header("Connection", "close").send(result.body());
    }

    @Override
    public void close() throws IOException {
        session.close();
        threads.shutdownNow();
    }
}
