# Puts the Lua files of a folder into a C file, so that weir needs no files of its own beside it:
#   cmake -DFOLDER=lua/weir -DOUTPUT=library_parts.c -P cmake/weir_embed.cmake
file(GLOB parts ${FOLDER}/*.lua)
list(SORT parts)
set(texts "")
set(rows "")
set(number 0)
foreach(part ${parts})
  get_filename_component(name ${part} NAME)
  file(READ ${part} hex HEX)
  string(LENGTH "${hex}" length)
  math(EXPR length "${length} / 2")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(APPEND texts "static const unsigned char part_${number}[] = {${bytes}0};\n")
  string(APPEND rows "    {\"weir/${name}\", part_${number}, ${length}},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUTPUT} "// Made by cmake/weir_embed.cmake.
#include \"script/script_library.h\"

${texts}
const struct library_part library_parts[] = {
${rows}    {NULL, NULL, 0},
};
")
