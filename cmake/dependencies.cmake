# Everything here is a Debian 12 package; ./dev installs them.
find_package(Boost 1.81 REQUIRED)
find_package(fmt REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(CURL 7.88 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(qrencode REQUIRED IMPORTED_TARGET libqrencode)
pkg_check_modules(crypt REQUIRED IMPORTED_TARGET libxcrypt)
if(DUNLIN_TESTS)
    find_package(GTest REQUIRED)
endif()

# libpg_query ships neither a CMake file nor a pkg-config file.
find_library(PG_QUERY_LIBRARY pg_query REQUIRED)
add_library(dunlin_pg_query INTERFACE)
target_link_libraries(dunlin_pg_query INTERFACE ${PG_QUERY_LIBRARY})

# Neither does libstemmer (Snowball).
find_library(STEMMER_LIBRARY stemmer REQUIRED)
add_library(dunlin_stemmer INTERFACE)
target_link_libraries(dunlin_stemmer INTERFACE ${STEMMER_LIBRARY})

# Boost.JSON and Asio compile their implementation once, here, instead of in every file.
add_library(dunlin_boost_json STATIC ${CMAKE_SOURCE_DIR}/cmake/boost_json.cpp)
target_compile_features(dunlin_boost_json PUBLIC cxx_std_23)
target_compile_definitions(dunlin_boost_json PUBLIC BOOST_JSON_NO_LIB BOOST_CONTAINER_NO_LIB)
target_link_libraries(dunlin_boost_json PUBLIC Boost::headers)

add_library(dunlin_boost_net STATIC ${CMAKE_SOURCE_DIR}/cmake/boost_net.cpp)
target_compile_features(dunlin_boost_net PUBLIC cxx_std_23)
target_compile_definitions(dunlin_boost_net PUBLIC
    BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
target_link_libraries(dunlin_boost_net PUBLIC Boost::headers Threads::Threads)
