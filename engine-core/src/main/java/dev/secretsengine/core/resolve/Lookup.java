package dev.secretsengine.core.resolve;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import java.util.ArrayList;
import java.util.List;

/**
 * A question to some plugins, all of which have been asked. First {@link #run} does what the caller's own thread can do,
 * then {@link #result} waits for the rest. If the first never ends, another thread may call the second meanwhile.
 */
public final class Lookup implements Runnable {

    private final Resolver resolver;
    private final SecretPattern pattern;
    private final RequestContext context;
    private final List<Answer> answers;
    private final List<Answer> quick = new ArrayList<>(1);
    private final List<Answer> here = new ArrayList<>(1);
    private final List<Answer> elsewhere = new ArrayList<>(1);

    Lookup(Resolver resolver, SecretPattern pattern, RequestContext context, int sources) {
        this.resolver = resolver;
        this.pattern = pattern;
        this.context = context;
        this.answers = new ArrayList<>(sources);
    }

    /** A question that is asked and answered by the same thread. */
    private record Late(Source source, SecretPattern pattern, RequestContext context) implements Source.Pending {

        @Override
        public List<Envelope> await() throws SecretsException {
            return source.lookup().begin(pattern, context).await();
        }
    }

    /** Asks, and where that needs a thread of its own it gets one; a caller that exposes itself runs quick ones. */
    void ask(Source source, boolean exposed) {
        boolean isQuick = exposed && source.lookup().isQuick();
        Answer answer = source.manner() == Source.Manner.APART
                ? new Answer(source, pattern, new Late(source, pattern, context))
                : new Answer(source, pattern, Source.begin(source, pattern, context));
        answers.add(answer);
        switch (source.manner()) {
            case HERE -> here.add(answer);
            case ELSEWHERE -> elsewhere.add(answer);
            case APART -> {
                if (isQuick) {
                    quick.add(answer);
                } else {
                    resolver.runApart(answer);
                }
            }
        }
    }

    /** Whether the work includes code that may not keep its deadline. */
    public boolean isExposed() {
        return !quick.isEmpty();
    }

    /** Does what is to be done on the caller's thread. */
    @Override
    public void run() {
        for (Answer answer : quick) {
            answer.runHere(context);
        }
        try (Resolver.Reading _ = resolver.readIfHeldUp(here, elsewhere)) {
            for (Answer answer : here) {
                answer.runHere(context);
            }
        }
        for (Answer answer : elsewhere) {
            answer.runHere(context);
        }
    }

    /** Another thread is held up in the work: what it has not come to yet is done here, or on threads of its own. */
    public void takeOver() {
        for (Answer answer : quick) {
            if (!answer.isDone()) {
                answer.source().lookup().heldUp();
                resolver.runApart(answer);
            }
        }
        for (List<Answer> rest : List.of(here, elsewhere)) {
            for (Answer answer : rest) {
                answer.runHere(context);
            }
        }
    }

    /** See {@link Resolver#resolve}. */
    public List<Envelope> result() throws SecretsException {
        return resolver.merge(answers, pattern, context);
    }
}
