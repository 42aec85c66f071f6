# cmake -DDIR=… -DOUT=… -P embed.cmake: every NNN_name.sql in DIR as one row of
# vrx_schema_migrations. Numbers start at 001 and leave no gap: a migration's number is the
# version that the vault has after it.
file(GLOB files "${DIR}/*.sql")
list(SORT files)
set(bodies "")
set(rows "")
set(expected 0)
foreach(file IN LISTS files)
  math(EXPR expected "${expected} + 1")
  get_filename_component(stem "${file}" NAME_WE)
  if(NOT stem MATCHES "^([0-9][0-9][0-9])_[a-z0-9_]+$")
    message(FATAL_ERROR "${file}: a migration is called NNN_name.sql")
  endif()
  string(REGEX REPLACE "^0+" "" number "${CMAKE_MATCH_1}")
  if(NOT number EQUAL expected)
    message(FATAL_ERROR "${file}: expected number ${expected}")
  endif()
  file(READ "${file}" hex HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
  string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n    "
    bytes "${bytes}")
  string(APPEND bodies "static const char sql_${number}[] = {\n    ${bytes}0};\n")
  string(APPEND rows "    {${number}, sql_${number}},\n")
endforeach()
if(expected EQUAL 0)
  message(FATAL_ERROR "${DIR}: no migration")
endif()
file(WRITE "${OUT}" "/* Made by schema/embed.cmake from the migrations beside it. */\n"
  "#include \"store/schema.h\"\n\n${bodies}\n"
  "const struct vrx_migration vrx_schema_migrations[] = {\n${rows}};\n"
  "const size_t vrx_schema_migration_count = ${expected};\n")
