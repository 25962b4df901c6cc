package dev.secretsengine.it;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** What is alive in another JVM, by a dump of its heap. */
final class HeapDump {

    private static final int TEXT = 0x01;
    private static final int LOADED_CLASS = 0x02;

    private HeapDump() {
    }

    /** Has a JVM that can be attached to collect its garbage and write what is left. */
    static void of(long pid, Path file) throws IOException {
        Outcome.of(new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin/jcmd").toString(),
                Long.toString(pid), "GC.heap_dump", file.toString()), new byte[0]).ok();
    }

    /** How many classes of this name there are, each of a class loader of its own. */
    static int classesNamed(Path dump, String name) throws IOException {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(dump), 1 << 16))) {
            byte letter = in.readByte();
            while (letter != 0) {
                // The format's name.
                letter = in.readByte();
            }
            if (in.readInt() != Long.BYTES) {
                throw new IOException("a dump with short addresses");
            }
            in.readLong();
            return count(in, name);
        }
    }

    private static int count(DataInputStream in, String name) throws IOException {
        Set<Long> ids = new HashSet<>();
        int count = 0;
        for (int tag = in.read(); tag >= 0; tag = in.read()) {
            in.readInt();
            long length = Integer.toUnsignedLong(in.readInt());
            if (tag == TEXT) {
                long id = in.readLong();
                if (new String(in.readNBytes((int) length - Long.BYTES), StandardCharsets.UTF_8).equals(name)) {
                    ids.add(id);
                }
            } else if (tag == LOADED_CLASS) {
                in.readInt();
                in.readLong();
                in.readInt();
                count += ids.contains(in.readLong()) ? 1 : 0;
            } else {
                in.skipNBytes(length);
            }
        }
        return count;
    }
}
