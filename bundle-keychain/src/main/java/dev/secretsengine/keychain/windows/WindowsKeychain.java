package dev.secretsengine.keychain.windows;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.LocalStore.Probe;
import dev.secretsengine.api.LocalStore.State;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretInfo;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.keychain.system.Keychain;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The Credential Manager of Windows: generic credentials whose target is the label and whose user name is the ID. */
public final class WindowsKeychain implements Keychain {

    private final Supplier<Credentials> opening;

    /** A large value is several credentials, which no reader may see half replaced. */
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private @Nullable CredentialStore opened;

    /** Made when it is first needed. */
    WindowsKeychain(Supplier<Credentials> opening) {
        this.opening = opening;
    }

    /** The Credential Manager of this user. Nothing of JNA is loaded before the first call. */
    public static Keychain ofThisUser() {
        return new WindowsKeychain(JnaCredentials::ofThisUser);
    }

    /** A request to the Credential Manager. */
    @FunctionalInterface
    private interface Request<T> {

        T run(CredentialStore store) throws Win32Exception, SecretsException;
    }

    private synchronized CredentialStore store() {
        if (opened == null) {
            opened = new CredentialStore(opening.get());
        }
        return opened;
    }

    private <T> T asked(String subject, Lock held, RequestContext context, Request<T> request)
            throws SecretsException {
        try {
            if (held.tryLock(context.remaining().toNanos(), TimeUnit.NANOSECONDS)) {
                try {
                    return request.run(store());
                } finally {
                    held.unlock();
                }
            }
        } catch (Win32Exception e) {
            throw e.about(subject);
        } catch (LinkageError e) {
            throw new SecretsException.Unavailable(subject,
                    "this installation cannot reach the Credential Manager of Windows", "use the age store")
                    .causedBy(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new SecretsException.Unavailable(subject, "timed out", "try again");
    }

    @Override
    public Probe probe(Layout layout, RequestContext context) {
        try {
            return asked("", lock.readLock(), context, store -> {
                store.look();
                return new Probe(State.READY, "");
            });
        } catch (SecretsException e) {
            return switch (e.getCause()) {
                case Win32Exception failure -> failure.probe();
                case LinkageError _ -> new Probe(State.ABSENT, String.valueOf(e.getMessage()));
                case null, default -> new Probe(State.LOCKED, e.advice());
            };
        }
    }

    @Override
    public List<SecretInfo> list(Layout layout, SecretPattern pattern, RequestContext context)
            throws SecretsException {
        return asked(pattern.toString(), lock.readLock(), context, store -> {
            List<SecretInfo> infos = new ArrayList<>();
            for (Credential credential : store.find(layout, pattern)) {
                infos.add(info(layout, credential));
            }
            return infos;
        });
    }

    private static SecretInfo info(Layout layout, Credential credential) {
        Map<String, String> attributes = CredentialStore.attributes(credential);
        return new SecretInfo(layout.idOf(attributes).orElseThrow(), null, credential.lastWritten(),
                Layout.metadataOf(attributes));
    }

    @Override
    public List<Envelope> read(Layout layout, SecretPattern pattern, RequestContext context)
            throws SecretsException {
        return asked(pattern.toString(), lock.readLock(), context, store -> {
            List<Envelope> envelopes = new ArrayList<>();
            try {
                for (Credential credential : store.find(layout, pattern)) {
                    SecretInfo info = info(layout, credential);
                    store.value(layout, info.id()).ifPresent(value -> envelopes
                            .add(new Envelope(info.id(), value, "", "", info.modifiedAt(), Instant.now(), null,
                                    info.metadata())));
                }
                return envelopes;
            } catch (Win32Exception | SecretsException | RuntimeException e) {
                envelopes.forEach(Envelope::close);
                throw e;
            }
        });
    }

    @Override
    public void write(Layout layout, SecretId id, SecretValue value, Map<String, String> metadata,
            RequestContext context) throws SecretsException {
        asked(id.toString(), lock.writeLock(), context, store -> {
            store.write(layout, id, value, metadata);
            return Optional.empty();
        });
    }

    @Override
    public boolean delete(Layout layout, SecretId id, RequestContext context) throws SecretsException {
        return asked(id.toString(), lock.writeLock(), context, store -> store.delete(layout, id));
    }

    @Override
    public void close() {
        // There is no connection.
    }
}
