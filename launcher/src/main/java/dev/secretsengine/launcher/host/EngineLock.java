package dev.secretsengine.launcher.host;

import dev.secretsengine.core.config.PrivateFiles;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.util.Optional;

/** The lock that makes an engine its user's only one. The kernel gives it back however the process ends. */
final class EngineLock implements Closeable {

    private final FileChannel channel;
    private final FileLock lock;

    private EngineLock(FileChannel channel, FileLock lock) {
        this.channel = channel;
        this.lock = lock;
    }

    /** Takes the lock, or answers nothing if another engine has it. */
    static Optional<EngineLock> take(Path file) throws IOException {
        FileChannel channel = PrivateFiles.openLock(file);
        FileLock lock = channel.tryLock();
        if (lock == null) {
            channel.close();
            return Optional.empty();
        }
        return Optional.of(new EngineLock(channel, lock));
    }

    @Override
    public void close() throws IOException {
        lock.release();
        channel.close();
    }
}
