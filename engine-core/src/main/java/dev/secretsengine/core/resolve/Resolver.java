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
        List<Source> asked = asked(pattern, sources);
        if (asked.isEmpty()) {
            throw new SecretsException.NotFound(pattern.toString(), "no plugin serves " + pattern,
                    "docker pass plugins ls shows the patterns that are served");
        }
        List<Envelope> merged = new ArrayList<>();
        SecretsException failure = null;
        for (Answer answer : ask(asked, pattern, context)) {
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

    /**
     * Asks all of them before it waits for any. Where it can, the caller's own thread does the waiting, which saves
     * changes from thread to thread.
     */
    private List<Answer> ask(List<Source> asked, SecretPattern pattern, RequestContext context) {
        List<Answer> answers = new ArrayList<>(asked.size());
        List<Answer> here = new ArrayList<>(1);
        List<Answer> elsewhere = new ArrayList<>(1);
        for (Source source : asked) {
            Answer answer = switch (source.manner()) {
                case APART -> apart(source, pattern, context);
                case HERE, ELSEWHERE -> new Answer(source, pattern, Source.begin(source, pattern, context));
            };
            answers.add(answer);
            if (source.manner() == Source.Manner.HERE) {
                here.add(answer);
            } else if (source.manner() == Source.Manner.ELSEWHERE) {
                elsewhere.add(answer);
            }
        }
        runHere(here, elsewhere, context);
        for (Answer answer : elsewhere) {
            answer.runHere(context);
        }
        return answers;
    }

    private Answer apart(Source source, SecretPattern pattern, RequestContext context) {
        Answer answer = new Answer(source, pattern, () -> source.lookup().begin(pattern, context).await());
        try {
            threads.execute(answer);
        } catch (RejectedExecutionException e) {
            // The engine is ending: nobody is going to answer this.
            answer.cancel(false);
        }
        return answer;
    }

    private void runHere(List<Answer> here, List<Answer> elsewhere, RequestContext context) {
        if (here.isEmpty()) {
            return;
        }
        HeldUp heldUp = elsewhere.isEmpty() ? null : new HeldUp(elsewhere);
        if (heldUp != null) {
            patrol.add(heldUp);
        }
        try {
            for (Answer answer : here) {
                answer.runHere(context);
            }
        } finally {
            if (heldUp != null) {
                patrol.remove(heldUp);
            }
        }
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
