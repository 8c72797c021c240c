# What the core links, here and in programs that link it.
include(CMakeFindDependencyMacro)
find_dependency(tl-expected)
find_dependency(nlohmann_json)
find_dependency(PkgConfig)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET GLOBAL libsodium>=1.0.18)
