# Bare-metal AArch64 firmware, built by the cross compiler through custom commands: no second CMake project.
#
#   vesper_add_firmware(NAME [SCHEDULER] SOURCES...)  ->  NAME.elf, target firmware_NAME
#
# Start-up code and drivers (sw/hal) are linked in. SCHEDULER also links the scheduler application with all of Vesper's
# policies: a policy of one's own is a source more. Set before this file is included:
#
#   VESPER_FIRMWARE_ROOT     folder that includes are relative to (sw/hal/uart.h)
#   VESPER_FIRMWARE_SCRIPT   linker script
#   VESPER_HAL_OBJECTS, VESPER_SCHEDULER_OBJECTS   global properties: objects that are there already

find_program(VESPER_FIRMWARE_CXX aarch64-linux-gnu-g++)
find_program(VESPER_FIRMWARE_CCACHE ccache)
mark_as_advanced(VESPER_FIRMWARE_CXX VESPER_FIRMWARE_CCACHE)
set(VESPER_FIRMWARE_COMPILE ${VESPER_FIRMWARE_CXX})
if(VESPER_FIRMWARE_CCACHE)
  set(VESPER_FIRMWARE_COMPILE ${VESPER_FIRMWARE_CCACHE} ${VESPER_FIRMWARE_CXX})
endif()

# Interrupt entry saves the vector registers a handler may use, so floating point is allowed everywhere. Nothing is
# contracted to fused multiply-add, so that a policy's scores are the same numbers in every placement.
set(VESPER_FIRMWARE_FLAGS
    -std=c++20 -O2 -g -mcpu=cortex-a72 -mstrict-align -mno-outline-atomics
    -ffp-contract=off
    -ffreestanding -fno-exceptions -fno-rtti -fno-threadsafe-statics -fno-stack-protector -fno-pie
    -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns -ffunction-sections -fdata-sections
    -Wall -Wextra -Wconversion -Wshadow -Werror)

# Folder of the ELF files of the calling project: one for Vesper's own, that of the build for others.
function(vesper_firmware_folder out)
  if(VESPER_FIRMWARE_FOLDER)
    set(${out} ${VESPER_FIRMWARE_FOLDER} PARENT_SCOPE)
  else()
    set(${out} ${CMAKE_CURRENT_BINARY_DIR} PARENT_SCOPE)
  endif()
endfunction()

# Objects of `ARGN`, under <name>.dir, named in `out`.
function(vesper_firmware_objects name out)
  if(NOT VESPER_FIRMWARE_CXX)
    message(FATAL_ERROR "firmware needs the cross compiler: apt-get install g++-aarch64-linux-gnu")
  endif()
  vesper_firmware_folder(folder)
  set(objects)
  foreach(source ${ARGN})
    get_filename_component(path ${source} ABSOLUTE)
    file(RELATIVE_PATH relative ${PROJECT_SOURCE_DIR} ${path})
    string(REPLACE "/" "_" file ${relative})
    set(object ${folder}/${name}.dir/${file}.o)
    add_custom_command(
      OUTPUT ${object}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}/${name}.dir
      COMMAND ${VESPER_FIRMWARE_COMPILE} ${VESPER_FIRMWARE_FLAGS} -ffile-prefix-map=${PROJECT_SOURCE_DIR}=.
              -ffile-prefix-map=${VESPER_FIRMWARE_ROOT}=. -I${VESPER_FIRMWARE_ROOT}
              -MD -MF ${object}.d -MT ${object} -c ${path} -o ${object}
      DEPENDS ${path}
      DEPFILE ${object}.d
      COMMENT "Firmware ${relative}"
      VERBATIM)
    list(APPEND objects ${object})
  endforeach()
  set(${out} ${objects} PARENT_SCOPE)
endfunction()

function(vesper_add_firmware name)
  cmake_parse_arguments(firmware "SCHEDULER" "" "" ${ARGN})
  vesper_firmware_objects(${name} objects ${firmware_UNPARSED_ARGUMENTS})
  get_property(ready GLOBAL PROPERTY VESPER_HAL_OBJECTS)
  if(firmware_SCHEDULER)
    get_property(scheduler GLOBAL PROPERTY VESPER_SCHEDULER_OBJECTS)
    list(APPEND ready ${scheduler})
  endif()
  vesper_firmware_folder(folder)
  set(elf ${folder}/${name}.elf)
  add_custom_command(
    OUTPUT ${elf}
    COMMAND ${VESPER_FIRMWARE_CXX} -nostdlib -static -no-pie -Wl,--gc-sections -Wl,--build-id=none
            -Wl,--fatal-warnings -Wl,--no-warn-rwx-segments -Wl,-z,max-page-size=4096
            -T ${VESPER_FIRMWARE_SCRIPT} ${objects} ${ready} -lgcc -o ${elf}
    DEPENDS ${objects} ${ready} ${VESPER_FIRMWARE_SCRIPT}
    COMMENT "Firmware ${name}.elf"
    VERBATIM)
  add_custom_target(firmware_${name} ALL DEPENDS ${elf})
  if(TARGET firmware_hal)
    add_dependencies(firmware_${name} firmware_hal)
  endif()
endfunction()
