# cmake -DFILE=a -DHEADER=room/x.h -DNAMESPACE=harmonia::room -DFUNCTION=x -DOUTPUT=x.cc -P embed_text.cmake
#
# Writes a source file that defines `std::string_view FUNCTION()`, declared in HEADER: the bytes of the file. Bytes,
# because a string literal is bounded and would have to be escaped.
file(READ ${FILE} bytes HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(WRITE ${OUTPUT} "#include \"${HEADER}\"

namespace ${NAMESPACE} {
namespace {

const unsigned char bytes[] = {${bytes}0};

}  // namespace

std::string_view ${FUNCTION}() {
  return {reinterpret_cast<const char*>(bytes), sizeof bytes - 1};
}

}  // namespace ${NAMESPACE}
")
