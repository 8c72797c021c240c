# `cpack -G DEB` in the build tree: waxseal_*.deb, the service, and libwaxseal-dev_*.deb, for C++ programs.
# Made on the Debian where it will run: dpkg-shlibdeps writes the libraries of this one into Depends.

# What stands outside any prefix is in the package alone, never in `cmake --install`.
function(waxseal_service_file file destination name)
  install(FILES ${file} DESTINATION ${destination} RENAME ${name} COMPONENT service EXCLUDE_FROM_ALL)
endfunction()
waxseal_service_file(packaging/waxseal.service lib/systemd/system waxseal.service)
# What prunes runs in the same sandbox as what serves: it is written once, in the unit of the latter.
file(READ packaging/waxseal.service unit)
string(REGEX MATCH "# Nothing of the machine.*LimitMEMLOCK=[^\n]*" WAXSEAL_UNIT_SANDBOX "${unit}")
configure_file(packaging/waxseal-prune.service.in ${PROJECT_BINARY_DIR}/waxseal-prune.service @ONLY)
waxseal_service_file(${PROJECT_BINARY_DIR}/waxseal-prune.service lib/systemd/system waxseal-prune.service)
waxseal_service_file(packaging/waxseal-prune.timer lib/systemd/system waxseal-prune.timer)
waxseal_service_file(packaging/waxseal.sysusers lib/sysusers.d waxseal.conf)
waxseal_service_file(packaging/waxseal.toml /etc/waxseal waxseal.toml)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME waxseal)
set(CPACK_PACKAGE_VENDOR Waxseal)
set(CPACK_PACKAGE_CONTACT "Waxseal maintainers <maintainers@waxseal.example>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL waxseal service libwaxseal-dev)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_COMPONENT_WAXSEAL_GROUP waxseal)
set(CPACK_COMPONENT_SERVICE_GROUP waxseal)
set(CPACK_COMPONENT_LIBWAXSEAL-DEV_GROUP libwaxseal-dev)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_WAXSEAL_PACKAGE_NAME waxseal)
set(CPACK_DEBIAN_WAXSEAL_PACKAGE_SECTION net)
set(CPACK_DEBIAN_WAXSEAL_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_WAXSEAL_PACKAGE_DEPENDS "systemd | systemd-standalone-sysusers")
set(CPACK_COMPONENT_GROUP_WAXSEAL_DESCRIPTION "proves that a person owns a mailbox
 A small backend that mails verification links and changes the address when
 one is pressed. The workflow is that of Django REST Registration; links are
 signed with Ed25519, work once, and only the latest of them.")
set(CPACK_DEBIAN_WAXSEAL_DESCRIPTION "${CPACK_COMPONENT_GROUP_WAXSEAL_DESCRIPTION}")
file(WRITE ${PROJECT_BINARY_DIR}/debian/conffiles "/etc/waxseal/waxseal.toml\n")
file(COPY packaging/debian/postinst packaging/debian/prerm packaging/debian/postrm DESTINATION ${PROJECT_BINARY_DIR}/debian
  FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_WAXSEAL_PACKAGE_CONTROL_EXTRA ${PROJECT_BINARY_DIR}/debian/conffiles
  ${PROJECT_BINARY_DIR}/debian/postinst ${PROJECT_BINARY_DIR}/debian/prerm ${PROJECT_BINARY_DIR}/debian/postrm)

set(CPACK_DEBIAN_LIBWAXSEAL-DEV_PACKAGE_NAME libwaxseal-dev)
set(CPACK_DEBIAN_LIBWAXSEAL-DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_LIBWAXSEAL-DEV_PACKAGE_SHLIBDEPS OFF)
# The archives name these to whoever links them.
file(STRINGS script/packages.txt libraries REGEX "^(lib.*|nlohmann-json3|prometheus-cpp)-dev$")
list(FILTER libraries EXCLUDE REGEX "^libcli11-dev$")
list(JOIN libraries ", " CPACK_DEBIAN_LIBWAXSEAL-DEV_PACKAGE_DEPENDS)
set(CPACK_COMPONENT_GROUP_LIBWAXSEAL-DEV_DESCRIPTION "Waxseal as a C++ library
 Headers, archives and CMake files: waxseal::core reads, judges and signs
 links; waxseal::server is the whole backend with replaceable parts.")
set(CPACK_DEBIAN_LIBWAXSEAL-DEV_DESCRIPTION "${CPACK_COMPONENT_GROUP_LIBWAXSEAL-DEV_DESCRIPTION}")
include(CPack)
