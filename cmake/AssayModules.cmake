# One static library per module and one test program per folder of tests.
#
# Sources are found by folder, so that a new file needs no edit here; what a module may depend on
# is written by hand in DEPS (modules of ours) and LINK (libraries of others), and the tidy test
# holds the same directions for includes.

add_library(assay_options INTERFACE)
target_include_directories(assay_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(assay_options INTERFACE -Wall -Wextra -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 sees overlaps that are not there in inlined std::string code (its bug 105651).
  target_compile_options(assay_options INTERFACE -Wno-restrict)
  # A class kept by one source looks to it like one of a header when sources are compiled together.
  if(CMAKE_UNITY_BUILD)
    target_compile_options(assay_options INTERFACE -Wno-subobject-linkage)
  endif()
endif()
if(ASSAY_WERROR)
  target_compile_options(assay_options INTERFACE -Werror)
endif()
target_link_libraries(assay_options INTERFACE Threads::Threads)

# assay_module(engine/base DEPS engine/event ... LINK fmt::fmt ...)
function(assay_module path)
  cmake_parse_arguments(ARG "" "" "DEPS;LINK" ${ARGN})
  string(REPLACE "/" "_" name ${path})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${path}/*.cc)
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  file(GLOB headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${path}/*.h)
  if(sources)
    add_library(assay_${name} STATIC ${sources})
    set(scope PUBLIC)
    target_sources(assay_${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}
                                        FILES ${headers})
  else()
    add_library(assay_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(assay::${name} ALIAS assay_${name})
  target_link_libraries(assay_${name} ${scope} assay_options ${ARG_LINK})
  foreach(dep ${ARG_DEPS})
    string(REPLACE "/" "_" dep_name ${dep})
    target_link_libraries(assay_${name} ${scope} assay::${dep_name})
  endforeach()
endfunction()

# assay_tests(engine/base DEPS ... LINK ... FIXTURE ...): every *.cc of tests/engine/base in one
# program; FIXTURE names what ctest sets up around its cases
function(assay_tests path)
  cmake_parse_arguments(ARG "" "FIXTURE" "DEPS;LINK" ${ARGN})
  string(REPLACE "/" "_" name ${path})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${path}/*.cc)
  if(NOT sources)
    return()
  endif()
  add_executable(${name}_tests ${sources})
  target_link_libraries(${name}_tests PRIVATE assay_options assay_test_main ${ARG_LINK})
  foreach(dep ${ARG_DEPS})
    string(REPLACE "/" "_" dep_name ${dep})
    target_link_libraries(${name}_tests PRIVATE assay::${dep_name})
  endforeach()
  set(seconds 300)
  set(fixture "")
  if(ARG_FIXTURE)
    set(fixture FIXTURES_REQUIRED ${ARG_FIXTURE})
  endif()
  # What is tested keeps its optimisation; the tests around it compile in half the time without.
  if(ASSAY_SANITIZED)
    target_compile_options(${name}_tests PRIVATE -O0)
    set(seconds 900)
  endif()
  catch_discover_tests(${name}_tests TEST_SPEC "~[campaign]~[.]" TEST_PREFIX "${path}: "
                       PROPERTIES TIMEOUT ${seconds} ${fixture})
  # Long seeded runs carry the word in their name, so that the fast suite can leave them out.
  set(campaigns "")
  foreach(source ${sources})
    file(STRINGS ${source} found REGEX "\\[campaign\\]")
    list(APPEND campaigns ${found})
  endforeach()
  if(campaigns)
    # What kills brokers and measures gaps has the machine to itself.
    if(ARG_FIXTURE)
      list(APPEND fixture RUN_SERIAL TRUE)
    endif()
    catch_discover_tests(${name}_tests TEST_SPEC "[campaign]" TEST_PREFIX "campaign ${path}: "
                         PROPERTIES TIMEOUT ${seconds} ${fixture})
  endif()
endfunction()
