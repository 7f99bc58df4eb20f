# embed_lua(TARGET FOLDER): compiles the .lua files of FOLDER into TARGET as lua_sources(), so that
# the scripts are files of their own for the reader and part of the binary for the operator.
function(embed_lua target folder)
  file(GLOB scripts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.lua)
  set(output ${CMAKE_BINARY_DIR}/generated/${target}_lua.cc)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -D "SCRIPTS=${scripts}" -D OUTPUT=${output}
            -P ${CMAKE_SOURCE_DIR}/cmake/embed_lua.cmake
    DEPENDS ${scripts} ${CMAKE_SOURCE_DIR}/cmake/embed_lua.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()
