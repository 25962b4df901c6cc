package dev.secretsengine.client.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import dev.secretsengine.client.protocol.codec.MalformedException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Our JSON codec against protobuf-java-util. They differ on purpose where protobuf-java takes what is not JSON, has a
 * key twice, or has a value that its field cannot have; Go refuses these as well. {@link StrictJson} says which.
 */
class JsonComparisonTest {

    private static final byte[] PIECES = "{}[]:,\"\\nulltruefalse0123456789.-+eEu/=_ \n\tTZs"
            .getBytes(StandardCharsets.US_ASCII);

    @Test
    void messagesAreTheSameInBothDirections() throws Exception {
        long seed = RandomMessages.seed("messagesAreTheSameInBothDirections");
        RandomMessages random = new RandomMessages(seed, true);
        for (int i = 0; i < RandomMessages.cases(10_000); i++) {
            Reference.Pair pair = random.any(Reference.ALL);
            DynamicMessage message = random.message(pair.theirs());
            String what = "seed " + seed + " case " + i + " " + pair.ours();
            String theirs = print(message, i);
            assertEquals(message, pair.parse(pair.protoOfJson(theirs.getBytes(StandardCharsets.UTF_8))), what);
            String ours = new String(pair.jsonOfProto(message.toByteArray()), StandardCharsets.UTF_8);
            assertEquals(message, pair.parseJson(ours), what);
        }
    }

    /** One way of several to write it. */
    private static String print(DynamicMessage message, int style) throws InvalidProtocolBufferException {
        JsonFormat.Printer printer = JsonFormat.printer();
        printer = (style & 1) == 0 ? printer : printer.preservingProtoFieldNames();
        printer = (style & 2) == 0 ? printer : printer.omittingInsignificantWhitespace();
        return ((style & 4) == 0 ? printer : printer.printingEnumsAsInts()).print(message);
    }

    @Test
    void damagedMessagesAreTakenByBothOrByNone() throws Exception {
        long seed = RandomMessages.seed("damagedMessagesAreTakenByBothOrByNone");
        RandomMessages random = new RandomMessages(seed, true);
        int cases = RandomMessages.cases(10_000);
        int taken = 0;
        for (int i = 0; i < cases; i++) {
            Reference.Pair pair = random.any(Reference.ALL);
            byte[] json = random.damaged(print(random.message(pair.theirs()), i).getBytes(StandardCharsets.UTF_8),
                    PIECES);
            String text = new String(json, StandardCharsets.UTF_8);
            Message theirs = theirs(pair, text);
            String what = "seed " + seed + " case " + i + " " + pair.ours() + " " + text;
            try {
                byte[] ours = pair.protoOfJson(json);
                if (theirs == null) {
                    fail("only ours takes it: " + what);
                }
                assertTrue(StrictJson.isJson(json), what);
                assertEquals(theirs, pair.parse(ours), what);
                taken++;
            } catch (MalformedException e) {
                assertTrue(theirs == null || !StrictJson.isStrict(json), () -> "only theirs takes it: " + what + e);
            }
        }
        assertTrue(taken > cases / 20, "taken " + taken);
    }

    private static @Nullable Message theirs(Reference.Pair pair, String json) {
        try {
            return pair.parseJson(json);
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }
}
