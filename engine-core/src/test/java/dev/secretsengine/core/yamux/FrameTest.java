package dev.secretsengine.core.yamux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameTest {

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replace(" ", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"01 00 0000 00000001 00000000", "ff 01 0000 00000001 00000000"})
    void rejectsAnotherVersion(String header) {
        assertThrows(YamuxException.class, () -> Frame.decode(hex(header), 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"00 04 0000 00000001 00000000", "00 ff 0000 00000001 00000000"})
    void rejectsAnUnknownType(String header) {
        assertThrows(YamuxException.class, () -> Frame.decode(hex(header), 0));
    }

    @Test
    void readsWhatItWrites() throws YamuxException {
        Frame frame = new Frame(Frame.WINDOW, Frame.SYN | Frame.FIN, 0xfedc_ba98, 0xffff_fffeL);
        byte[] bytes = new byte[Frame.HEADER + 2];
        frame.encode(bytes, 1);
        assertArrayEquals(hex("00 00 01 0005 fedcba98 fffffffe 00"), bytes);
        assertEquals(frame, Frame.decode(bytes, 1));
    }

    @Test
    void ignoresFlagsThatItDoesNotKnow() throws YamuxException {
        Frame frame = Frame.decode(hex("00 00 fff2 00000001 00000000"), 0);
        assertEquals(true, frame.has(Frame.ACK));
        assertEquals(false, frame.has(Frame.SYN));
        assertEquals(false, frame.has(Frame.FIN));
        assertEquals(false, frame.has(Frame.RST));
    }
}
