#if !__has_include(<png.h>) || !__has_include(<zlib.h>)
#error "libpng is missing: run `make setup` or `apt-get install libpng-dev`"
#else
#include <png.h>
#include <zlib.h>
#endif
