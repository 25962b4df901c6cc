package dev.secretsengine.core.yamux;

import java.util.Arrays;

/**
 * Bytes that have come in and are not read yet, in a ring that grows with them up to a window's size, however small the
 * frames were that brought them. What is read is wiped. Not safe for use by several threads.
 */
final class ReceiveBuffer {

    private static final int FIRST_SIZE = 4096;

    private byte[] ring = new byte[0];
    private int head;
    private int size;

    int size() {
        return size;
    }

    /** How much memory it takes. */
    int capacity() {
        return ring.length;
    }

    /** The caller keeps to the window. */
    void put(byte[] bytes, int offset, int length) {
        makeRoom(size + length);
        int tail = (head + size) % ring.length;
        int straight = Math.min(length, ring.length - tail);
        System.arraycopy(bytes, offset, ring, tail, straight);
        System.arraycopy(bytes, offset + straight, ring, 0, length - straight);
        size += length;
    }

    private void makeRoom(int needed) {
        if (needed <= ring.length) {
            return;
        }
        int larger = Math.max(FIRST_SIZE, ring.length);
        while (larger < needed) {
            larger *= 2;
        }
        byte[] next = new byte[larger];
        int kept = size;
        take(next, 0, kept);
        ring = next;
        head = 0;
        size = kept;
    }

    /** Moves out as many bytes as there are, at most so many. */
    int take(byte[] bytes, int offset, int length) {
        int count = Math.min(length, size);
        int straight = Math.min(count, ring.length - head);
        move(head, straight, bytes, offset);
        move(0, count - straight, bytes, offset + straight);
        size -= count;
        head = size == 0 ? 0 : (head + count) % ring.length;
        return count;
    }

    private void move(int from, int count, byte[] bytes, int offset) {
        System.arraycopy(ring, from, bytes, offset, count);
        Arrays.fill(ring, from, from + count, (byte) 0);
    }

    /** Forgets everything and takes no more memory. */
    void wipe() {
        Arrays.fill(ring, (byte) 0);
        ring = new byte[0];
        head = 0;
        size = 0;
    }
}
