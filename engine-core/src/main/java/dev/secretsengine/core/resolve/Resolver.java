package dev.secretsengine.core.resolve;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks every plugin whose pattern can match the request, all at once, and merges what they answer by plugin name, then
 * ID. One failing plugin does not hide another's answer; if nobody answered, its failure is the answer. This is the one
 * place where anything that a bundle throws becomes a {@link SecretsException}.
 */
public final class Resolver {

    private static final Logger LOG = LoggerFactory.getLogger(Resolver.class);

    private static final int MOST_ANSWERS = 20_000;
    private static final long MOST_BYTES = 64 << 20;

    /** How long a lookup may go on after its answer was no longer wanted, before that is held against the plugin. */
    private static final long GRACE_SECONDS = 5;

    private final ExecutorService threads;

    /** A resolver that asks on these threads. */
    public Resolver(ExecutorService threads) {
        this.threads = threads;
    }

    /**
     * Everything that the pattern matches.
     *
     * @param sources every plugin that runs
     * @return at least one secret; the caller closes them
     * @throws SecretsException.NotFound if no plugin matches, or none has such a secret
     * @throws SecretsException if nobody answered and somebody failed
     */
    public List<Envelope> resolve(SecretPattern pattern, List<Source> sources, RequestContext context)
            throws SecretsException {
        List<Source> asked = sources.stream().filter(source -> source.pattern().intersects(pattern))
                .sorted(Comparator.comparing(Source::name)).toList();
        if (asked.isEmpty()) {
            throw new SecretsException.NotFound(pattern.toString(), "no plugin serves " + pattern,
                    "docker pass plugins ls shows the patterns that are served");
        }
        Map<Source, Answer> answers = ask(asked, pattern, context);
        List<Envelope> merged = new ArrayList<>();
        List<SecretsException> failures = new ArrayList<>();
        answers.forEach((source, answer) -> {
            try {
                merged.addAll(collect(source, answer, context));
            } catch (SecretsException.NotFound e) {
                LOG.debug("{} has nothing for {}", source.name(), pattern);
            } catch (SecretsException e) {
                LOG.warn("{} failed for {}: {}", source.name(), pattern, e.getMessage());
                failures.add(e);
            }
        });
        if (!merged.isEmpty()) {
            return merged;
        }
        if (!failures.isEmpty()) {
            throw failures.get(0);
        }
        throw new SecretsException.NotFound(pattern.toString(), "there is no secret " + pattern,
                "docker pass set " + (pattern.asId().isPresent() ? pattern : "ID") + " stores one");
    }

    /**
     * Asks all of them before it waits for any. Where it can, the caller's own thread does the waiting, which saves
     * changes from thread to thread.
     */
    private Map<Source, Answer> ask(List<Source> asked, SecretPattern pattern, RequestContext context) {
        Map<Source, Answer> answers = new LinkedHashMap<>();
        List<Answer> own = new ArrayList<>();
        for (Source source : asked) {
            if (source.manner() != Source.Manner.APART) {
                Answer answer = new Answer(source, pattern, Source.begin(source, pattern, context));
                answers.put(source, answer);
                own.add(source.manner() == Source.Manner.HERE ? 0 : own.size(), answer);
            } else {
                Answer answer = new Answer(source, pattern, () -> source.lookup().begin(pattern, context).await());
                answers.put(source, answer);
                threads.execute(answer);
            }
        }
        own.forEach(answer -> answer.runHere(context));
        return answers;
    }

    /** An answer that is wiped when it comes too late for whoever asked. */
    private static final class Answer extends FutureTask<List<Envelope>> {

        private final Source source;
        private volatile boolean ended;

        Answer(Source source, SecretPattern pattern, Source.Pending pending) {
            super(() -> accepted(source, pattern, pending.await()));
            this.source = source;
        }

        @Override
        public void run() {
            try {
                super.run();
            } finally {
                ended = true;
            }
        }

        @Override
        protected void set(List<Envelope> envelopes) {
            super.set(envelopes);
            if (isCancelled()) {
                envelopes.forEach(Envelope::close);
            }
        }

        /** Runs on this thread, which a caller that goes away interrupts. */
        void runHere(RequestContext context) {
            try (Cancellation.Registration _ = context.cancellation().onCancel(() -> cancel(true))) {
                run();
            }
            if (isCancelled()) {
                // The interruption was for the provider.
                Thread.interrupted();
            }
        }

        /** Nobody waits any more; an answer that has come in just now is wiped, and one that never comes is told of. */
        void giveUp(Executor threads) {
            CompletableFuture.delayedExecutor(GRACE_SECONDS, TimeUnit.SECONDS, threads).execute(() -> {
                if (!ended) {
                    source.lookup().overdue();
                }
            });
            if (!cancel(true) && state() == State.SUCCESS) {
                resultNow().forEach(Envelope::close);
            }
        }
    }

    private List<Envelope> collect(Source source, Answer answer, RequestContext context)
            throws SecretsException {
        Cancellation.Registration gone = context.cancellation().onCancel(() -> answer.cancel(true));
        try {
            return answer.get(context.remaining().toNanos(), TimeUnit.NANOSECONDS);
        } catch (CancellationException | TimeoutException e) {
            answer.giveUp(threads);
            throw new SecretsException.Unavailable(source.name(),
                    "the plugin " + source.name() + " did not answer in time",
                    "try again, or look at docker pass plugins ls");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            answer.giveUp(threads);
            throw new SecretsException.Unavailable(source.name(), "interrupted", "try again");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SecretsException known) {
                throw known;
            }
            if (e.getCause() instanceof TooMuch) {
                throw new SecretsException.Failed(source.name(),
                        "the plugin " + source.name() + " answered more than is taken at once (" + MOST_ANSWERS
                                + " secrets, " + (MOST_BYTES >> 20) + " MiB)",
                        "ask for fewer secrets, or have its author mend it");
            }
            // Its message may hold anything; its class and its frames do not.
            LOG.error("the plugin {} threw {}", source.name(), describe(e.getCause()));
            throw new SecretsException.Failed(source.name(), "the plugin " + source.name() + " failed",
                    "docker pass engine logs says more").causedBy(e);
        } finally {
            gone.close();
        }
    }

    private static String describe(@Nullable Throwable thrown) {
        if (thrown == null) {
            return "nothing";
        }
        StackTraceElement[] frames = thrown.getStackTrace();
        return thrown.getClass().getName() + (frames.length == 0 ? "" : " at " + frames[0]);
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
    private static final class TooMuch extends RuntimeException {

        private static final long serialVersionUID = 1L;
    }

    private static List<Envelope> accepted(Source source, SecretPattern pattern, List<Envelope> answer) {
        List<Envelope> accepted = new ArrayList<>();
        requireBounded(answer);
        for (Envelope envelope : answer) {
            if (pattern.matches(envelope.id()) && source.pattern().matches(envelope.id())
                    && !InternalIds.contains(envelope.id())) {
                accepted.add(envelope.from(source.name(), source.version()));
            } else {
                envelope.close();
            }
        }
        accepted.sort(Comparator.comparing(Envelope::id));
        return accepted;
    }
}
