# Under sanitizers tests compile without optimization: half the build time, and they do little themselves.
function(dunlin_test_flags target)
    if(DUNLIN_SANITIZE)
        target_compile_options(${target} PRIVATE -O0)
    endif()
endfunction()

# Everything that ctest runs, without the program and the benchmarks.
add_custom_target(unit_tests)

# One module, one target dunlin::NAME. USES lists the modules it may include; tools/tidy.py reads the
# same list and fails on any other include.
function(dunlin_module name)
    cmake_parse_arguments(arg "" "" "SOURCES;TESTS;USES;LIBRARIES" ${ARGN})
    list(TRANSFORM arg_USES PREPEND dunlin::)
    if(arg_SOURCES)
        add_library(dunlin_${name} STATIC ${arg_SOURCES})
        target_link_libraries(dunlin_${name} PUBLIC dunlin_flags ${arg_USES} ${arg_LIBRARIES})
    else()
        add_library(dunlin_${name} INTERFACE)
        target_link_libraries(dunlin_${name} INTERFACE dunlin_flags ${arg_USES} ${arg_LIBRARIES})
    endif()
    add_library(dunlin::${name} ALIAS dunlin_${name})
    if(arg_TESTS AND DUNLIN_TESTS)
        add_executable(${name}_test ${arg_TESTS})
        target_link_libraries(${name}_test PRIVATE dunlin_${name} GTest::gtest_main GTest::gmock)
        dunlin_test_flags(${name}_test)
        add_test(NAME ${name} COMMAND ${name}_test)
        set_tests_properties(${name} PROPERTIES TIMEOUT 300)
        add_dependencies(unit_tests ${name}_test)
    endif()
endfunction()
