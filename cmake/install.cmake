# What is installed, and where. The sandbox stays here: it is for development.
include(GNUInstallDirs)
# Off where the packaging system has its own place and time for them (debhelper).
option(RYUMEM_INSTALL_UNIT "Install the systemd unit, the sysusers file and the changelog" ON)

install(TARGETS ryumemd DESTINATION ${CMAKE_INSTALL_SBINDIR})
install(TARGETS ryumem-worker DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/ryumemd)
install(TARGETS ryumemctl DESTINATION ${CMAKE_INSTALL_BINDIR})

# Where the programs look for it, wherever they are themselves; what is there is somebody's.
install(CODE "
  set(conf \"\$ENV{DESTDIR}/etc/ryumemd/ryumemd.conf\")
  if(EXISTS \"\${conf}\")
    message(STATUS \"Kept: \${conf}\")
  else()
    file(INSTALL \"${manual}/ryumemd.conf\" DESTINATION /etc/ryumemd)
  endif()")
foreach(section 1 5 7 8)
  install(DIRECTORY ${manual}/man${section} DESTINATION ${CMAKE_INSTALL_MANDIR})
endforeach()
install(FILES ${manual}/bash/ryumemd ${manual}/bash/ryumemctl
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
set(RYUMEM_ZSH_DIR ${CMAKE_INSTALL_DATADIR}/zsh/site-functions CACHE STRING
    "Where zsh looks for completions; Debian's has a place of its own for packages")
install(FILES ${manual}/zsh/_ryumemd ${manual}/zsh/_ryumemctl DESTINATION ${RYUMEM_ZSH_DIR})
install(FILES ${manual}/fish/ryumemd.fish ${manual}/fish/ryumemctl.fish
        DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

set(packaging ${CMAKE_SOURCE_DIR}/packaging)
install(FILES ${packaging}/prometheus/ryumemd.rules.yml ${packaging}/prometheus/ryumemd.rules.test.yml
              ${packaging}/prometheus/ryumemd.scrape.yml
        DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples/prometheus)
install(FILES ${packaging}/grafana/ryumemd.json
        DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples/grafana)
# As they lie in the tree, and all of them, so that what one links to is there.
install(FILES ${CMAKE_SOURCE_DIR}/README.md ${CMAKE_SOURCE_DIR}/ARCHITECTURE.md
        DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${CMAKE_SOURCE_DIR}/sandbox/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/sandbox)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/docs DESTINATION ${CMAKE_INSTALL_DOCDIR})
if(RYUMEM_INSTALL_UNIT)
  install(FILES ${CMAKE_SOURCE_DIR}/CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
  # It starts the program where that is installed, which --prefix may say at the last moment.
  install(CODE "
    cmake_path(ABSOLUTE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY \"${CMAKE_BINARY_DIR}\")
    set(sbin \"${CMAKE_INSTALL_SBINDIR}\")
    cmake_path(ABSOLUTE_PATH sbin BASE_DIRECTORY \"\${CMAKE_INSTALL_PREFIX}\")
    file(READ \"${packaging}/systemd/ryumemd.service\" unit)
    string(REPLACE /usr/sbin/ \"\${sbin}/\" unit \"\${unit}\")
    file(WRITE \"${CMAKE_BINARY_DIR}/ryumemd.service\" \"\${unit}\")")
  install(FILES ${CMAKE_BINARY_DIR}/ryumemd.service DESTINATION lib/systemd/system)
  install(FILES ${packaging}/sysusers/ryumemd.conf DESTINATION lib/sysusers.d)
endif()
