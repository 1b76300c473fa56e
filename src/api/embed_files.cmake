# cmake -DFILES="a|b" -DOUTPUT=x.cc -P embed_files.cmake
#
# Writes a source file that defines harmonia::api::embedded_files, the bytes of each file under its name without
# folder. Bytes, because a string literal is bounded and would have to be escaped.
string(REPLACE "|" ";" files "${FILES}")
set(arrays "")
set(rows "")
set(number 0)
foreach(path IN LISTS files)
  get_filename_component(name ${path} NAME)
  file(READ ${path} bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(APPEND arrays "const unsigned char file_${number}[] = {${bytes}0};\n")
  string(APPEND rows "    {\"${name}\", text(file_${number}, sizeof file_${number} - 1)},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUTPUT} "#include \"api/embedded_files.h\"

namespace harmonia::api {
namespace {

${arrays}
std::string_view text(const unsigned char* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace

std::string_view embedded_file(std::string_view name) {
  const EmbeddedFile files[] = {
${rows}  };
  for (const EmbeddedFile& file : files) {
    if (file.name == name) return file.text;
  }
  return {};
}

}  // namespace harmonia::api
")
