package dev.secretsengine.client.protocol.codec;

/** A value of an open enum: peers may send numbers that have no name here. */
public interface ProtoEnum {

    /** Its number. */
    int number();
}
