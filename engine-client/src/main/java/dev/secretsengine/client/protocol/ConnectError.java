package dev.secretsengine.client.protocol;

import dev.secretsengine.client.protocol.codec.Field;
import dev.secretsengine.client.protocol.codec.MalformedException;
import dev.secretsengine.client.protocol.codec.MessageType;
import org.jspecify.annotations.Nullable;

/**
 * An error of Connect. Details are not read.
 *
 * @param code what kind
 * @param message one line, may be empty
 */
public record ConnectError(ConnectCode code, String message) {

    /** The error's body is JSON of the shape that a message of two strings has. */
    private record Body(@Nullable String code, @Nullable String message) {

        static final MessageType<Body> TYPE = MessageType.of(Body.class,
                v -> new Body(v.at(0, String.class), v.at(1, String.class)),
                Field.string(1, "code", Body::code),
                Field.string(2, "message", Body::message));
    }

    /** The body of an answer, in JSON whatever the request was in. */
    public byte[] toJson() {
        return Body.TYPE.toJson(new Body(code.wireName(), message));
    }

    /** Reads the answer to a call that has failed; without a code in its body the status says what it is. */
    public static ConnectError read(int status, byte[] body) {
        try {
            Body read = Body.TYPE.fromJson(body);
            ConnectCode code = read.code() == null ? ConnectCode.ofStatus(status) : ConnectCode.of(read.code());
            return new ConnectError(code, read.message() == null ? "" : read.message());
        } catch (MalformedException e) {
            return new ConnectError(ConnectCode.ofStatus(status), "HTTP status " + status);
        }
    }
}
