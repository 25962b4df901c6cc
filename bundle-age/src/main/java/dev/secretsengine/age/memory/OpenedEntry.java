package dev.secretsengine.age.memory;

import dev.secretsengine.age.file.FileStamp;
import dev.secretsengine.age.file.ShortPayload;
import dev.secretsengine.api.SecretInfo;

/**
 * An entry that was opened: its header was authentic, its value can be had without the identity.
 *
 * @param stamp its file's at the time; with another one it counts for nothing
 * @param length of the file
 */
public record OpenedEntry(FileStamp stamp, SecretInfo info, ShortPayload payload, int length) {
}
