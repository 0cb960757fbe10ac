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

# One module, one target dunlin::NAME. USES lists the modules it may include; tools/tidy.py reads the
# same list and fails on any other include.
function(dunlin_module name)
    cmake_parse_arguments(arg "" "" "SOURCES;TESTS;USES;LIBRARIES;PRECOMPILED" ${ARGN})
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
    endif()
    if(arg_TESTS AND DUNLIN_TESTS)
        add_executable(${name}_test ${arg_TESTS})
        target_link_libraries(${name}_test PRIVATE dunlin_${name} GTest::gtest_main GTest::gmock)
        dunlin_precompile(${name}_test <gmock/gmock.h> ${asynchronous})
        add_test(NAME ${name} COMMAND ${name}_test)
        set_tests_properties(${name} PROPERTIES TIMEOUT 300)
        add_dependencies(unit_tests ${name}_test)
    endif()
endfunction()
