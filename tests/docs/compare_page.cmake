# Compares what PROGRAM prints for PAGE with FILE.
execute_process(COMMAND ${PROGRAM} ${PAGE} OUTPUT_VARIABLE made COMMAND_ERROR_IS_FATAL ANY)
file(READ ${FILE} written)
if(NOT made STREQUAL written)
  message(FATAL_ERROR "${FILE} is not what the code says: build the target update_docs")
endif()
