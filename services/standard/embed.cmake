# cmake -DFILE=… -DNAME=… -DOUT=… -P embed.cmake: the bytes of FILE as a C array NAME with NAME_len in OUT.
file(READ "${FILE}" hex HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "((0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,))" "\\1\n" bytes "${bytes}")
file(WRITE "${OUT}" "/* Made of ${NAME} by embed.cmake. */
#include <stddef.h>
#include <stdint.h>

extern const uint8_t ${NAME}[];
extern const size_t ${NAME}_len;
const uint8_t ${NAME}[] = {
${bytes}};
const size_t ${NAME}_len = sizeof ${NAME};
")
