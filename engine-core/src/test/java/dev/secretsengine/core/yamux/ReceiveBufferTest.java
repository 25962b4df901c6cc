package dev.secretsengine.core.yamux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReceiveBufferTest {

    @Test
    void takesNoMoreMemoryThanAWindowHoweverSmallTheFramesAre() {
        ReceiveBuffer buffer = new ReceiveBuffer();
        for (int i = 0; i < Frame.WINDOW_SIZE; i++) {
            buffer.put(new byte[]{1}, 0, 1);
        }
        assertEquals(Frame.WINDOW_SIZE, buffer.size());
        assertEquals(Frame.WINDOW_SIZE, buffer.capacity());
    }

    @Test
    void givesBackWhatCameInAnyOrderOfPieces() {
        Random random = new Random(7);
        ReceiveBuffer buffer = new ReceiveBuffer();
        byte[] all = new byte[3_000_000];
        random.nextBytes(all);
        int put = 0;
        int taken = 0;
        while (taken < all.length) {
            int in = Math.min(random.nextInt(40_000), Math.min(Frame.WINDOW_SIZE - buffer.size(), all.length - put));
            buffer.put(all, put, in);
            put += in;
            byte[] out = new byte[random.nextInt(50_000)];
            int count = buffer.take(out, 0, out.length);
            assertArrayEquals(Arrays.copyOfRange(all, taken, taken + count), Arrays.copyOf(out, count));
            taken += count;
            assertEquals(put - taken, buffer.size());
        }
    }

    @Test
    void isEmptyOnceWiped() {
        ReceiveBuffer buffer = new ReceiveBuffer();
        buffer.put(new byte[100], 0, 100);
        buffer.wipe();
        assertEquals(0, buffer.size());
        assertEquals(0, buffer.capacity());
        assertEquals(0, buffer.take(new byte[10], 0, 10));
    }
}
