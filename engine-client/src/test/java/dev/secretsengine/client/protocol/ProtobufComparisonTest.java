package dev.secretsengine.client.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import dev.secretsengine.client.protocol.codec.MalformedException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Our binary codec against protobuf-java. They differ on purpose in four things, in each of which ours refuses what is
 * no encoding of ours and what Go's refuses or never sends: groups; a known field of another wire type, which
 * protobuf-java takes for an unknown one; tags and lengths of more than 32 bits, and varints of more than 64, which
 * protobuf-java cuts off.
 */
class ProtobufComparisonTest {

    /** Tags, lengths and varints that lead somewhere. */
    private static final byte[] PIECES = {0, 1, 2, 3, 0x08, 0x0a, 0x10, 0x12, 0x1a, 0x22, 0x2a, 0x32, 0x38, 0x3a, 0x42,
            0x4a, 0x0b, 0x0c, 0x0d, 0x09, 0x7f, (byte) 0x80, (byte) 0x81, (byte) 0xff, (byte) 0xc0, (byte) 0xed};

    @Test
    void messagesAreTheSameInBothDirections() throws Exception {
        long seed = RandomMessages.seed("messagesAreTheSameInBothDirections");
        RandomMessages random = new RandomMessages(seed, false);
        for (int i = 0; i < RandomMessages.cases(20_000); i++) {
            Reference.Pair pair = random.any(Reference.ALL);
            DynamicMessage message = random.message(pair.theirs());
            byte[] theirs = message.toByteArray();
            byte[] ours = pair.reencode(theirs);
            String what = "seed " + seed + " case " + i + " " + pair.ours();
            assertEquals(message, pair.parse(ours), what);
            assertTrue(ours.length <= theirs.length, what);
        }
    }

    @Test
    void damagedMessagesAreTakenByBothOrByNone() throws Exception {
        long seed = RandomMessages.seed("damagedMessagesAreTakenByBothOrByNone");
        RandomMessages random = new RandomMessages(seed, false);
        int cases = RandomMessages.cases(20_000);
        int taken = 0;
        int different = 0;
        for (int i = 0; i < cases; i++) {
            Reference.Pair pair = random.any(Reference.ALL);
            byte[] bytes = random.damaged(random.message(pair.theirs()).toByteArray(), PIECES);
            Message theirs = theirs(pair, bytes);
            String what = "seed " + seed + " case " + i + " " + pair.ours() + " " + HexFormat.of().formatHex(bytes);
            try {
                Message ours = pair.parse(pair.reencode(bytes));
                if (theirs == null) {
                    fail("only ours takes it: " + what);
                }
                assertEquals(Reference.known(theirs), ours, what);
                taken++;
            } catch (MalformedException e) {
                if (theirs != null) {
                    assertTrue(differsOnPurpose(theirs, bytes), () -> "only theirs takes it: " + what + " " + e);
                    different++;
                }
            }
        }
        // Neither is the comparison drowned in exceptions, nor are all cases rejected.
        assertTrue(taken > cases / 10, "taken " + taken);
        assertTrue(different < cases / 5, "different " + different);
    }

    @Test
    void randomBytesAreTakenByBothOrByNone() throws Exception {
        long seed = RandomMessages.seed("randomBytesAreTakenByBothOrByNone");
        RandomMessages random = new RandomMessages(seed, false);
        for (int i = 0; i < RandomMessages.cases(20_000); i++) {
            Reference.Pair pair = random.any(Reference.ALL);
            byte[] bytes = random.damaged(random.damaged(new byte[0], PIECES), PIECES);
            Message theirs = theirs(pair, bytes);
            String what = "seed " + seed + " case " + i + " " + pair.ours() + " " + HexFormat.of().formatHex(bytes);
            try {
                byte[] ours = pair.reencode(bytes);
                if (theirs == null) {
                    fail("only ours takes it: " + what);
                }
                assertEquals(Reference.known(theirs), pair.parse(ours), what);
            } catch (MalformedException e) {
                assertTrue(theirs == null || differsOnPurpose(theirs, bytes), () -> "only theirs takes it: " + what);
            }
        }
    }

    private static @Nullable Message theirs(Reference.Pair pair, byte[] bytes) {
        try {
            return pair.parse(bytes);
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    private static boolean differsOnPurpose(Message theirs, byte[] bytes) {
        return hasLongVarint(bytes) || hasOddField(theirs);
    }

    /** Whether there can be a varint of more than 32 bits in it. */
    private static boolean hasLongVarint(byte[] bytes) {
        int run = 0;
        for (byte b : bytes) {
            if (run >= 4 && (b < 0 || b > 15)) {
                return true;
            }
            run = b < 0 ? run + 1 : 0;
        }
        return false;
    }

    /** Whether protobuf-java has kept, somewhere in it, a group or a field of ours with another wire type. */
    private static boolean hasOddField(Message message) {
        for (var unknown : message.getUnknownFields().asMap().entrySet()) {
            UnknownFieldSet.Field field = unknown.getValue();
            if (!field.getGroupList().isEmpty()
                    || message.getDescriptorForType().findFieldByNumber(unknown.getKey()) != null) {
                return true;
            }
        }
        return message.getAllFields().values().stream()
                .flatMap(value -> value instanceof List<?> list ? list.stream() : Arrays.asList(value).stream())
                .anyMatch(value -> value instanceof Message nested && hasOddField(nested));
    }
}
