# Puts files into a C file, so that weir needs none of its own beside it:
#   cmake -DFILES=lua/weir/*.lua -DPREFIX=weir/ -DHEADER=script/script_library.h -DTYPE=library_part
#         -DTABLE=library_parts -DOUTPUT=library_parts.c -P cmake/weir_embed.cmake
# HEADER declares TABLE, an array of struct TYPE { name, text, length } that ends with a part without a name.
file(GLOB parts ${FILES})
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
  string(APPEND rows "    {\"${PREFIX}${name}\", part_${number}, ${length}},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUTPUT} "// Made by cmake/weir_embed.cmake.
#include \"${HEADER}\"

${texts}
const struct ${TYPE} ${TABLE}[] = {
${rows}    {NULL, NULL, 0},
};
")
