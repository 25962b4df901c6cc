package dev.secretsengine.client.protocol.codec;

import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What the codecs have to know of an enum.
 *
 * @param make from a number to the value
 * @param names those of the numbers from 0 on
 */
public record EnumType<E extends ProtoEnum>(IntFunction<E> make, List<String> names) {

    /** An enum whose names belong to the numbers from 0 on. */
    public static <E extends ProtoEnum> EnumType<E> of(IntFunction<E> make, String... names) {
        return new EnumType<>(make, List.of(names));
    }

    /** Its name, null if it has none. */
    public @Nullable String name(int number) {
        return number >= 0 && number < names.size() ? names.get(number) : null;
    }
}
