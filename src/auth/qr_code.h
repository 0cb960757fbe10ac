#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace dunlin::auth {

/// A QR code (ISO/IEC 18004, error correction M) as an SVG document, black on white with the quiet
/// zone of 4 modules around it. Clients put `data:image/svg+xml;utf-8,` before it: it has no `#`,
/// `%`, line break or double quote, which would end or change the URL there or the attribute around
/// it. Fails with TooLarge when the text is over 2,331 bytes, with InvalidInput when it is empty or
/// has a NUL.
Result<std::string> qr_code_svg(std::string_view text);

}  // namespace dunlin::auth
