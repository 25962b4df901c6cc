package dev.secretsengine.core.external;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.client.protocol.ResolverMessages;
import dev.secretsengine.client.protocol.ResolverMessages.GetSecretsRequest;
import dev.secretsengine.client.protocol.ResolverMessages.GetSecretsResponse;
import dev.secretsengine.client.protocol.Rpc;
import dev.secretsengine.client.protocol.codec.SecretBytes;
import dev.secretsengine.client.protocol.codec.Timestamp;
import dev.secretsengine.core.external.PluginChannel.RemoteException;
import dev.secretsengine.core.resolve.Source;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A provider in a process of its own, that has registered. */
final class ExternalPlugin implements Member {

    private static final Logger LOG = LoggerFactory.getLogger(ExternalPlugin.class);

    private final String name;
    private final String version;
    private final SecretPattern pattern;
    private final PluginChannel channel;

    /** A plugin whose version has no leading v. */
    ExternalPlugin(String name, String version, SecretPattern pattern, PluginChannel channel) {
        this.name = name;
        this.version = version;
        this.pattern = pattern;
        this.channel = channel;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public String servedPattern() {
        return pattern.toString();
    }

    @Override
    public PluginChannel channel() {
        return channel;
    }

    Source source() {
        return new Source(name, version, pattern, this::ask, Source.Manner.ELSEWHERE);
    }

    private Source.Pending ask(SecretPattern asked, RequestContext context) throws SecretsException {
        try {
            PluginChannel.Question<GetSecretsResponse> question = channel.ask(Rpc.GET_SECRETS,
                    new GetSecretsRequest(asked.toString()), context);
            return () -> answer(question);
        } catch (IOException e) {
            throw silent(e);
        }
    }

    private List<Envelope> answer(PluginChannel.Question<GetSecretsResponse> question) throws SecretsException {
        try (GetSecretsResponse answer = question.await()) {
            return envelopes(answer);
        } catch (RemoteException e) {
            return refused(e);
        } catch (IOException e) {
            throw silent(e);
        }
    }

    private SecretsException silent(IOException e) {
        return new SecretsException.Unavailable(name, "the plugin " + name + " did not answer",
                "docker pass plugins ls shows whether it still runs").causedBy(e);
    }

    /** Its own words may hold anything, so they are not passed on. */
    private List<Envelope> refused(RemoteException refusal) throws SecretsException {
        String code = refusal.error().code().wireName();
        LOG.warn("the plugin {} refused a lookup: {}", name, code);
        return switch (refusal.error().code()) {
            case NOT_FOUND -> List.of();
            case PERMISSION_DENIED, UNAUTHENTICATED -> throw new SecretsException.Denied(name,
                    "the plugin " + name + " denied the lookup", "its own log says more");
            case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELED -> throw new SecretsException.Unavailable(name,
                    "the plugin " + name + " is not available", "try again");
            default -> throw new SecretsException.Failed(name, "the plugin " + name + " failed (" + code + ")",
                    "its own log says more");
        };
    }

    private List<Envelope> envelopes(GetSecretsResponse answer) throws SecretsException {
        List<Envelope> envelopes = new ArrayList<>();
        try {
            for (ResolverMessages.Envelope envelope : answer.envelopes()) {
                envelopes.add(envelope(envelope));
            }
            return envelopes;
        } catch (IllegalArgumentException e) {
            envelopes.forEach(Envelope::close);
            throw new SecretsException.Failed(name,
                    "the plugin " + name + " answered with an ID that does not parse, or a value over 4 MiB",
                    "its own log says more").causedBy(e);
        }
    }

    private static Envelope envelope(ResolverMessages.Envelope message) {
        SecretId id = SecretId.parse(message.id() == null ? "" : message.id());
        SecretBytes value = message.value();
        Instant resolved = instant(message.resolvedAt());
        return new Envelope(id, SecretValue.wrap(value == null ? new byte[0] : value.take()), "",
                message.version() == null ? "" : message.version(), instant(message.createdAt()),
                resolved == null ? Instant.now() : resolved, instant(message.expiresAt()), message.metadata());
    }

    private static @Nullable Instant instant(@Nullable Timestamp timestamp) {
        return timestamp == null ? null : timestamp.instant().orElse(null);
    }
}
