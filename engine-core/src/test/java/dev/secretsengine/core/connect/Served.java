package dev.secretsengine.core.connect;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.secretsengine.client.protocol.ConnectCode;
import dev.secretsengine.client.protocol.ResolverMessages.Envelope;
import dev.secretsengine.client.protocol.ResolverMessages.GetSecretsRequest;
import dev.secretsengine.client.protocol.ResolverMessages.GetSecretsResponse;
import dev.secretsengine.client.protocol.Rpc;
import dev.secretsengine.client.protocol.codec.SecretBytes;
import dev.secretsengine.core.testing.RawClient;
import dev.secretsengine.core.wire.SocketServer;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A server on a socket whose one procedure does what the pattern says. */
final class Served implements Closeable {

    static final String PATH = "/resolver.v1.ResolverService/GetSecrets";
    static final String VALUE = "canary-value";

    /** How a call that waited ended: cancelled, or over. */
    final BlockingQueue<String> ends = new LinkedBlockingQueue<>();

    final BlockingQueue<Duration> allowed = new LinkedBlockingQueue<>();
    final Semaphore answered = new Semaphore(0);
    final CountDownLatch waiting = new CountDownLatch(1);
    final BlockingQueue<GetSecretsResponse> answers = new LinkedBlockingQueue<>();
    private final ThreadPoolExecutor threads = (ThreadPoolExecutor) Executors.newCachedThreadPool();
    private final SlowCalls slowCalls = new SlowCalls();
    private final SocketServer server;
    private final Path file;

    Served(Path folder) throws IOException {
        this(folder, 60_000);
    }

    /** One that hangs up after so long a silence. */
    Served(Path folder, int silenceMillis) throws IOException {
        file = folder.resolve("run/s.sock");
        server = SocketServer.bind(file);
        Router router = new Router(List.of(new Endpoint<>(Rpc.GET_SECRETS, this::answer)));
        ConnectServer connect = new ConnectServer(() -> router,
                (connection, input) -> connection.output().write(input.readNBytes(5)), slowCalls,
                answered::release, silenceMillis);
        threads.execute(() -> server.serve(connect, threads));
    }

    RawClient connect() throws IOException {
        return new RawClient(file);
    }

    /** How many connections are being served. */
    int connections() {
        return threads.getActiveCount() - 1;
    }

    private GetSecretsResponse answer(GetSecretsRequest request, Call call) throws CallException {
        allowed.add(call.request().remaining());
        String pattern = String.valueOf(request.pattern());
        switch (pattern) {
            case "missing" -> throw new CallException(ConnectCode.NOT_FOUND, "secret not found");
            case "broken" -> throw new IllegalStateException(VALUE);
            case "slow" -> await(call);
            default -> {
            }
        }
        String value = pattern.equals("large") ? VALUE.repeat(100_000) : VALUE;
        GetSecretsResponse answer = new GetSecretsResponse(List.of(new Envelope(pattern,
                SecretBytes.wrap(value.getBytes(UTF_8)), "p", "1", null, null, null, Map.of())));
        answers.add(answer);
        return answer;
    }

    private void await(Call call) {
        CountDownLatch gone = new CountDownLatch(1);
        call.request().cancellation().onCancel(gone::countDown);
        waiting.countDown();
        try {
            boolean cancelled = gone.await(call.request().remaining().toMillis(), TimeUnit.MILLISECONDS);
            ends.add(cancelled ? "cancelled" : "over");
        } catch (InterruptedException e) {
            ends.add("interrupted");
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        slowCalls.close();
        threads.shutdownNow();
    }
}
