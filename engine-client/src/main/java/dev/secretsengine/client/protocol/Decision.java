package dev.secretsengine.client.protocol;

import dev.secretsengine.client.protocol.codec.EnumType;
import dev.secretsengine.client.protocol.codec.ProtoEnum;

/**
 * What access control says. Anything but {@link #ALLOW} is a denial.
 *
 * @param number on the wire
 */
public record Decision(int number) implements ProtoEnum {

    /** No. */
    public static final Decision DENY = new Decision(0);

    /** Yes. */
    public static final Decision ALLOW = new Decision(1);

    /** See {@link EnumType}. */
    public static final EnumType<Decision> TYPE = EnumType.of(Decision::new, "DECISION_DENY", "DECISION_ALLOW");
}
