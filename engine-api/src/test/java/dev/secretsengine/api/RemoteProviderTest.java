package dev.secretsengine.api;

import dev.secretsengine.api.contract.SecretsProviderContract;
import dev.secretsengine.api.contract.Situation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The contract itself, with a provider that can get into every situation it knows. */
class RemoteProviderTest extends SecretsProviderContract {

    /** How a backend in memory is doing. */
    private enum Mood {
        WELL, AWAY, SILENT, STRICT, BUSY
    }

    /** A backend that answers as its mood is. */
    private static final class Backend {

        private final Map<String, byte[]> secrets = new ConcurrentHashMap<>();
        private final AtomicLong calls = new AtomicLong();
        private volatile Mood mood = Mood.WELL;
    }

    /** Asks the backend; of a limit it remembers that it has to wait until the backend is well again. */
    private static final class Remote implements SecretsProvider, Configurable {

        private final Backend backend;
        private volatile boolean told;

        Remote(Backend backend) {
            this.backend = backend;
        }

        @Override
        public List<Setting> settings() {
            return List.of(new Setting("token", true, "", "what the backend knows you by"));
        }

        @Override
        public void configure(Values values) {
            // Nothing of it is needed here.
        }

        @Override
        public List<Envelope> getSecrets(SecretPattern pattern, RequestContext context) throws SecretsException {
            SecretsException failure = failure(context);
            if (failure != null) {
                throw failure;
            }
            List<Envelope> found = new ArrayList<>();
            backend.secrets.forEach((id, value) -> {
                if (pattern.matches(SecretId.parse(id))) {
                    found.add(Envelope.of(SecretId.parse(id), SecretValue.copyOf(value)));
                }
            });
            return found;
        }

        private @Nullable SecretsException failure(RequestContext context) {
            if (context.isOver()) {
                return new SecretsException.Unavailable("remote", "the time is up", "try again");
            }
            if (told && backend.mood == Mood.BUSY) {
                return limit();
            }
            backend.calls.incrementAndGet();
            return switch (backend.mood) {
                case WELL -> null;
                case AWAY -> new SecretsException.Unavailable("remote", "it cannot be reached", "look at the network");
                case SILENT -> silence(context);
                case STRICT -> new SecretsException.Denied("remote", "it refuses the token", "make a new one");
                case BUSY -> limit();
            };
        }

        private SecretsException limit() {
            told = true;
            return new SecretsException.Unavailable("remote", "it was asked too often", "try again in an hour");
        }

        private static SecretsException silence(RequestContext context) {
            CountDownLatch gone = new CountDownLatch(1);
            try (Cancellation.Registration _ = context.cancellation().onCancel(gone::countDown)) {
                boolean left = gone.await(context.remaining().toMillis(), TimeUnit.MILLISECONDS);
                return new SecretsException.Unavailable("remote", left ? "nobody waits" : "no answer came",
                        "try again");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return new SecretsException.Unavailable("remote", "interrupted", "try again");
            }
        }
    }

    private final Backend backend = new Backend();

    @Override
    protected SecretsProvider provider() {
        backend.secrets.putAll(holds());
        return new Remote(backend);
    }

    @Override
    protected Map<String, byte[]> holds() {
        return new HashMap<>(Map.of("remote/a", new byte[]{1}, "remote/b/c", new byte[]{2}));
    }

    @Override
    protected String pattern() {
        return "remote/**";
    }

    @Override
    protected SecretsProvider restarted() {
        return new Remote(backend);
    }

    @Override
    protected Situation holding(byte[] value) {
        SecretsProvider provider = provider();
        backend.secrets.put("remote/a", value);
        return Situation.of(provider, "remote/a");
    }

    private Situation in(Mood mood) {
        SecretsProvider provider = provider();
        backend.mood = mood;
        return Situation.of(provider, "remote/a").counting(backend.calls::get).endedBy(() -> backend.mood = Mood.WELL);
    }

    @Override
    protected Situation unavailable() {
        return in(Mood.AWAY);
    }

    @Override
    protected Situation hanging() {
        return in(Mood.SILENT);
    }

    @Override
    protected Situation wrongCredentials() {
        return in(Mood.STRICT);
    }

    @Override
    protected Situation rateLimited() {
        return in(Mood.BUSY);
    }
}
