# embed_lua(TARGET FOLDER): compiles the .lua files of FOLDER into TARGET as lua_source(), so that
# the scripts are files of their own for the reader and part of the binary for the operator.
# embed_page(TARGET FOLDER): the same with the parts of a page, as page_source().
function(embed_lua target folder)
  file(GLOB texts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.lua)
  embed_texts(${target} lua_source common/queue/lua_source.h ${texts})
endfunction()

function(embed_page target folder)
  file(GLOB texts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/page.*)
  embed_texts(${target} page_source supervisor/page_source.h ${texts})
endfunction()

function(embed_texts target lookup header)
  set(output ${CMAKE_BINARY_DIR}/generated/${target}_${lookup}.cc)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -D "TEXTS=${ARGN}" -D OUTPUT=${output} -D LOOKUP=${lookup}
            -D HEADER=${header} -P ${CMAKE_SOURCE_DIR}/cmake/embed_texts.cmake
    DEPENDS ${ARGN} ${CMAKE_SOURCE_DIR}/cmake/embed_texts.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()
