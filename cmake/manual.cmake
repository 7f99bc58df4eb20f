# Manual pages, completions and the sample configuration, made from what the programs say of
# themselves: into manual/ of the build folder.
add_executable(ryumem-manual man/main.cc)
target_link_libraries(ryumem-manual PRIVATE manual_parts)
set_target_properties(ryumem-manual PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

set(manual ${CMAKE_BINARY_DIR}/manual)
set(manual_help ${CMAKE_BINARY_DIR}/manual-help)
file(MAKE_DIRECTORY ${manual_help})
file(GLOB manual_pages CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/man/pages/*.in)
add_custom_command(
  OUTPUT ${manual}/ryumemd.conf
  COMMAND ryumemd --help > ${manual_help}/ryumemd
  COMMAND ryumemctl --help > ${manual_help}/ryumemctl
  COMMAND ryumem-manual ${CMAKE_SOURCE_DIR}/man/pages ${manual_help} ${manual}
  DEPENDS ryumemd ryumemctl ryumem-manual ${manual_pages}
  COMMENT "Making the manual"
  VERBATIM)
add_custom_target(manual ALL DEPENDS ${manual}/ryumemd.conf)
