package dev.secretsengine.kit.http;

import dev.secretsengine.kit.WipedBuffer;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/** Takes a body in up to a limit; a body that breaks off is wiped. */
final class BodyReader implements BodySubscriber<WipedBuffer> {

    private final WipedBuffer buffer;
    private final CompletableFuture<WipedBuffer> body = new CompletableFuture<>();
    private Flow.Subscription subscription = new Flow.Subscription() {

        @Override
        public void request(long count) {
        }

        @Override
        public void cancel() {
        }
    };

    BodyReader(int limit) {
        this.buffer = new WipedBuffer(limit);
    }

    @Override
    public CompletionStage<WipedBuffer> getBody() {
        return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        given.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> pieces) {
        pieces.forEach(buffer::append);
        if (buffer.isOver()) {
            subscription.cancel();
            body.complete(buffer);
        }
    }

    @Override
    public void onError(Throwable failure) {
        if (body.completeExceptionally(failure)) {
            buffer.close();
        }
    }

    @Override
    public void onComplete() {
        body.complete(buffer);
    }
}
