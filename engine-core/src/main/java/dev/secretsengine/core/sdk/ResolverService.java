package dev.secretsengine.core.sdk;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.client.protocol.ConnectCode;
import dev.secretsengine.client.protocol.Decision;
import dev.secretsengine.client.protocol.ResolverMessages;
import dev.secretsengine.client.protocol.ResolverMessages.AuthorizeRequest;
import dev.secretsengine.client.protocol.ResolverMessages.AuthorizeResponse;
import dev.secretsengine.client.protocol.ResolverMessages.GetSecretsRequest;
import dev.secretsengine.client.protocol.ResolverMessages.GetSecretsResponse;
import dev.secretsengine.client.protocol.codec.SecretBytes;
import dev.secretsengine.client.protocol.codec.Timestamp;
import dev.secretsengine.core.Engine;
import dev.secretsengine.core.connect.Call;
import dev.secretsengine.core.connect.CallException;
import dev.secretsengine.core.connect.Patterns;
import dev.secretsengine.core.resolve.Lookup;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Lookups, and the question whether they would be allowed. */
final class ResolverService {

    /** Of the caller's time, kept for the way back. */
    private static final Duration LEAST_RESERVE = Duration.ofMillis(50);
    private static final Duration MOST_RESERVE = Duration.ofSeconds(1);

    private final Engine engine;

    ResolverService(Engine engine) {
        this.engine = engine;
    }

    GetSecretsResponse getSecrets(GetSecretsRequest request, Call call) throws CallException {
        SecretPattern pattern = Patterns.parse(request.pattern());
        RequestContext context = withTimeToAnswer(call.request());
        if (!engine.external().accessControl().allows(pattern.toString(), call.peer(), context)) {
            throw denied();
        }
        Lookup lookup = lookup(pattern, context, call.course().isExposed());
        if (lookup.isExposed()) {
            call.course().expose(lookup, new Rest(lookup, pattern, context));
        } else {
            lookup.run();
        }
        return response(lookup, pattern, context);
    }

    /** What is left to do if the lookup never comes back. */
    private final class Rest implements Call.Rest {

        private final Lookup lookup;
        private final SecretPattern pattern;
        private final RequestContext context;

        Rest(Lookup lookup, SecretPattern pattern, RequestContext context) {
            this.lookup = lookup;
            this.pattern = pattern;
            this.context = context;
        }

        @Override
        public Object answer() throws CallException {
            lookup.takeOver();
            return response(lookup, pattern, context);
        }
    }

    private Lookup lookup(SecretPattern pattern, RequestContext context, boolean exposed) throws CallException {
        try {
            return engine.lookup(pattern, context, exposed);
        } catch (SecretsException e) {
            throw failed(e, context);
        }
    }

    private GetSecretsResponse response(Lookup lookup, SecretPattern pattern, RequestContext context)
            throws CallException {
        List<Envelope> found;
        try {
            found = engine.result(lookup, pattern);
        } catch (SecretsException e) {
            throw failed(e, context);
        }
        try {
            List<ResolverMessages.Envelope> messages = new ArrayList<>(found.size());
            for (Envelope envelope : found) {
                messages.add(message(envelope));
            }
            return new GetSecretsResponse(messages);
        } finally {
            found.forEach(Envelope::close);
        }
    }

    /** Ends a little earlier: when one plugin hangs, the answers of the others must reach their caller in time. */
    private static RequestContext withTimeToAnswer(RequestContext request) {
        long left = request.remaining().toNanos();
        long kept = Math.min(Math.max(left / 10, LEAST_RESERVE.toNanos()), Math.min(left / 2, MOST_RESERVE.toNanos()));
        return request.within(Duration.ofNanos(left - kept));
    }

    private static CallException failed(SecretsException failure, RequestContext request) {
        if (failure instanceof SecretsException.NotFound) {
            return new CallException(ConnectCode.NOT_FOUND, "secret not found");
        }
        if (request.cancellation().isCancelled()) {
            // Or the caller has gone, and reads no answer.
            return new CallException(ConnectCode.UNAVAILABLE, "the engine is stopping");
        }
        if (request.isOver()) {
            return new CallException(ConnectCode.DEADLINE_EXCEEDED, "the lookup took too long");
        }
        return new CallException(ConnectCode.INTERNAL, failure.advice());
    }

    private static ResolverMessages.Envelope message(Envelope envelope) {
        return new ResolverMessages.Envelope(envelope.id().toString(), SecretBytes.wrap(envelope.value().copyBytes()),
                envelope.provider(), envelope.version(), Timestamp.ofNullable(envelope.createdAt()),
                Timestamp.ofNullable(envelope.resolvedAt()), Timestamp.ofNullable(envelope.expiresAt()),
                envelope.metadata());
    }

    AuthorizeResponse authorize(AuthorizeRequest request, Call call) throws CallException {
        if (request.patterns().isEmpty()) {
            throw new CallException(ConnectCode.INVALID_ARGUMENT, "at least one pattern is required");
        }
        for (String pattern : request.patterns()) {
            var _ = Patterns.parse(pattern);
        }
        Instant until = engine.external().accessControl().authorize(request.patterns(), call.peer(),
                withTimeToAnswer(call.request()))
                .orElseThrow(ResolverService::denied);
        return new AuthorizeResponse(Decision.ALLOW, until.equals(Instant.MAX) ? null : Timestamp.of(until));
    }

    private static CallException denied() {
        return new CallException(ConnectCode.PERMISSION_DENIED, "access denied");
    }
}
