# Everything that ctest runs, without the program and the benchmarks.
add_custom_target(unit_tests)

# Headers that most files read, parsed once for each target. Not in the release preset, which so proves that
# every file includes what it uses.
function(dunlin_precompile target)
    get_target_property(sources ${target} SOURCES)
    list(LENGTH sources count)
    if(CMAKE_BUILD_TYPE STREQUAL "Release" OR count LESS 5)
        return()
    endif()
    target_precompile_headers(${target} PRIVATE
        <algorithm> <functional> <map> <memory> <optional> <string> <string_view> <vector>
        <fmt/format.h> <boost/json/value.hpp> ${ARGN})
    # ccache compares precompiled headers by content.
    target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
endfunction()

# Several sources in one go, which halves the time of a sanitizer build. Those `apart` use private names that
# others of the module use as well. Only with sanitizers: the other presets see every file by itself.
function(dunlin_join_sources target apart)
    if(NOT DUNLIN_SANITIZE OR apart STREQUAL "ALL")
        return()
    endif()
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
    set_source_files_properties(${apart} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

# One module, one target dunlin::NAME. USES lists the modules it may include; tools/tidy.py reads the
# same list and fails on any other include. APART: see dunlin_join_sources.
function(dunlin_module name)
    cmake_parse_arguments(arg "" "" "SOURCES;TESTS;USES;LIBRARIES;PRECOMPILED;APART" ${ARGN})
    list(TRANSFORM arg_USES PREPEND dunlin::)
    if(arg_SOURCES)
        add_library(dunlin_${name} STATIC ${arg_SOURCES})
        target_link_libraries(dunlin_${name} PUBLIC dunlin_flags ${arg_USES} ${arg_LIBRARIES})
    else()
        add_library(dunlin_${name} INTERFACE)
        target_link_libraries(dunlin_${name} INTERFACE dunlin_flags ${arg_USES} ${arg_LIBRARIES})
    endif()
    add_library(dunlin::${name} ALIAS dunlin_${name})
    set(asynchronous)
    if("dunlin::io" IN_LIST arg_USES)
        set(asynchronous <boost/asio/awaitable.hpp>)
    endif()
    if(arg_SOURCES)
        dunlin_precompile(dunlin_${name} ${asynchronous} ${arg_PRECOMPILED})
        dunlin_join_sources(dunlin_${name} "${arg_APART}")
    endif()
    # A module without io starts no thread and meets no other: nothing there for the thread sanitizer, which sees it
    # at work in the tests of the modules above.
    set(pointless FALSE)
    if(DUNLIN_SANITIZE STREQUAL "thread" AND NOT asynchronous AND NOT name STREQUAL "io")
        set(pointless TRUE)
    endif()
    if(arg_TESTS AND DUNLIN_TESTS AND NOT pointless)
        add_executable(${name}_test ${arg_TESTS})
        target_link_libraries(${name}_test PRIVATE dunlin_${name} GTest::gtest_main GTest::gmock)
        dunlin_precompile(${name}_test <gmock/gmock.h> ${asynchronous})
        add_test(NAME ${name} COMMAND ${name}_test)
        set_tests_properties(${name} PROPERTIES TIMEOUT 300)
        add_dependencies(unit_tests ${name}_test)
    endif()
endfunction()

# Tables that the module brings: its migrations/*.sql, plain SQL, compiled in as migrations.cpp of its binary folder.
function(dunlin_migrations module)
    set(migration_entries "")
    file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/migrations/*.sql)
    foreach(file IN LISTS files)
        cmake_path(GET file FILENAME name)
        file(READ ${file} text)
        string(APPEND migration_entries "    {\"${name}\", R\"SQL(${text})SQL\"},\n")
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    endforeach()
    configure_file(${CMAKE_SOURCE_DIR}/cmake/migrations.cpp.in migrations.cpp @ONLY)
endfunction()
