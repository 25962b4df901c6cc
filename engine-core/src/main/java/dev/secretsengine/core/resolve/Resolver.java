package dev.secretsengine.core.resolve;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.watch.Patrol;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
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

    private static final Comparator<Source> BY_NAME = Comparator.comparing(Source::name);

    /** How long a store may hold its caller up before somebody else takes in what plugins elsewhere answer. */
    private static final Duration HELD_UP = Duration.ofMillis(50);

    private static final Reading NOTHING_TO_READ = () -> {
    };

    private final ExecutorService threads;
    private final Patrol<HeldUp> patrol = new Patrol<>("lookups", HELD_UP, HeldUp::look);

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
        Lookup lookup = begin(pattern, sources, context, false);
        lookup.run();
        return lookup.result();
    }

    /**
     * Asks all of them before anybody waits for one. Where it can, the caller's own thread does the waiting, which saves
     * changes from thread to thread.
     *
     * @param exposed whether the caller's own thread may be lost in the lookup's work
     * @throws SecretsException.NotFound if no plugin matches
     */
    public Lookup begin(SecretPattern pattern, List<Source> sources, RequestContext context, boolean exposed)
            throws SecretsException {
        List<Source> asked = asked(pattern, sources);
        if (asked.isEmpty()) {
            throw new SecretsException.NotFound(pattern.toString(), "no plugin serves " + pattern,
                    "docker pass plugins ls shows the patterns that are served");
        }
        Lookup lookup = new Lookup(this, pattern, context, asked.size());
        for (Source source : asked) {
            lookup.ask(source, exposed);
        }
        return lookup;
    }

    List<Envelope> merge(List<Answer> answers, SecretPattern pattern, RequestContext context)
            throws SecretsException {
        List<Envelope> merged = new ArrayList<>();
        SecretsException failure = null;
        for (Answer answer : answers) {
            try {
                merged.addAll(collect(answer, context));
            } catch (SecretsException.NotFound e) {
                LOG.debug("{} has nothing for {}", answer.source().name(), pattern);
            } catch (SecretsException e) {
                LOG.warn("{} failed for {}: {}", answer.source().name(), pattern, e.getMessage());
                failure = failure == null ? e : failure;
            }
        }
        if (!merged.isEmpty()) {
            return merged;
        }
        if (failure != null) {
            throw failure;
        }
        throw new SecretsException.NotFound(pattern.toString(), "there is no secret " + pattern,
                "docker pass set " + (pattern.asId().isPresent() ? pattern : "ID") + " stores one");
    }

    private static List<Source> asked(SecretPattern pattern, List<Source> sources) {
        List<Source> asked = new ArrayList<>(sources.size());
        for (Source source : sources) {
            if (source.pattern().intersects(pattern)) {
                asked.add(source);
            }
        }
        if (asked.size() > 1) {
            asked.sort(BY_NAME);
        }
        return asked;
    }

    void runApart(Answer answer) {
        try {
            threads.execute(answer);
        } catch (RejectedExecutionException e) {
            // The engine is ending: nobody is going to answer this.
            answer.cancel(false);
        }
    }

    /** Somebody else reads answers while a thread is held up. */
    interface Reading extends AutoCloseable {

        @Override
        void close();
    }

    /** Has answers from elsewhere read if the caller does not come to it soon. */
    Reading readIfHeldUp(List<Answer> here, List<Answer> elsewhere) {
        if (here.isEmpty() || elsewhere.isEmpty()) {
            return NOTHING_TO_READ;
        }
        HeldUp heldUp = new HeldUp(elsewhere);
        patrol.add(heldUp);
        return () -> patrol.remove(heldUp);
    }

    /**
     * Answers that come in while their caller is held up: a store that prompts may take all the time there is, and a plugin
     * sends a long answer only while somebody reads it.
     */
    private final class HeldUp {

        private final List<Answer> answers;
        private final long begin = System.nanoTime();

        HeldUp(List<Answer> answers) {
            this.answers = answers;
        }

        void look() {
            if (System.nanoTime() - begin < HELD_UP.toNanos() || !patrol.remove(this)) {
                return;
            }
            try {
                // Once their caller comes to them it finds them read, or being read.
                answers.forEach(threads::execute);
            } catch (RejectedExecutionException e) {
                LOG.debug("the engine is ending: a lookup reads its answers by itself");
            }
        }
    }

    private List<Envelope> collect(Answer answer, RequestContext context) throws SecretsException {
        Source source = answer.source();
        Cancellation.Registration gone = answer.isDone()
                ? null
                : context.cancellation().onCancel(() -> answer.cancel(true));
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
            throw failure(source, e);
        } finally {
            if (gone != null) {
                gone.close();
            }
        }
    }

    private static SecretsException failure(Source source, ExecutionException thrown) {
        if (thrown.getCause() instanceof SecretsException known) {
            return known;
        }
        if (thrown.getCause() instanceof Answer.TooMuch) {
            return new SecretsException.Failed(source.name(),
                    "the plugin " + source.name() + " answered more than is taken at once (" + Answer.MOST_ANSWERS
                            + " secrets, " + (Answer.MOST_BYTES >> 20) + " MiB)",
                    "ask for fewer secrets, or have its author mend it");
        }
        // Its message may hold anything; its class and its frames do not.
        LOG.error("the plugin {} threw {}", source.name(), describe(thrown.getCause()));
        return new SecretsException.Failed(source.name(), "the plugin " + source.name() + " failed",
                "docker pass engine logs says more").causedBy(thrown);
    }

    private static String describe(@Nullable Throwable thrown) {
        if (thrown == null) {
            return "nothing";
        }
        StackTraceElement[] frames = thrown.getStackTrace();
        return thrown.getClass().getName() + (frames.length == 0 ? "" : " at " + frames[0]);
    }
}
