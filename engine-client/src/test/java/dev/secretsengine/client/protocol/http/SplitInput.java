package dev.secretsengine.client.protocol.http;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/** Gives its bytes in pieces, and remembers the arrays that it was to fill. */
final class SplitInput extends InputStream {

    final List<byte[]> targets = new ArrayList<>();

    private final byte[] bytes;
    private final IntUnaryOperator pieceAt;
    private int at;

    /** The operator says how many bytes to give at most at a position. */
    SplitInput(byte[] bytes, IntUnaryOperator pieceAt) {
        this.bytes = bytes;
        this.pieceAt = pieceAt;
    }

    static SplitInput whole(byte[] bytes) {
        return new SplitInput(bytes, _ -> Integer.MAX_VALUE);
    }

    static SplitInput cutAt(byte[] bytes, int position) {
        return new SplitInput(bytes, at -> at < position ? position - at : Integer.MAX_VALUE);
    }

    @Override
    public int read() {
        return at < bytes.length ? bytes[at++] & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        targets.add(target);
        if (at == bytes.length) {
            return -1;
        }
        int n = Math.min(Math.min(length, bytes.length - at), Math.max(1, pieceAt.applyAsInt(at)));
        System.arraycopy(bytes, at, target, offset, n);
        at += n;
        return n;
    }
}
