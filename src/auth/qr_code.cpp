#include "auth/qr_code.h"

#include <fmt/format.h>
#include <qrencode.h>

#include <iterator>
#include <memory>

namespace dunlin::auth {

namespace {

constexpr int quiet_zone = 4;
constexpr int pixels_per_module = 4;

struct FreeCode {
    void operator()(QRcode* code) const { QRcode_free(code); }
};

/// One path of runs of dark modules: a tenth of the size of a rectangle for each.
std::string path_of(const QRcode& code) {
    std::string path;
    const auto dark = [&](int x, int y) { return (code.data[y * code.width + x] & 1) != 0; };
    for (int at = 0; at < code.width * code.width;) {
        const int y = at / code.width;
        const int x = at % code.width;
        int end = x;
        while (end < code.width && dark(end, y)) ++end;
        if (end > x) {
            fmt::format_to(std::back_inserter(path), "M{} {}h{}v1h-{}z", x + quiet_zone,
                           y + quiet_zone, end - x, end - x);
        }
        at += end - x + 1;
        // The run ended on a light module of this row, or at the row's end, which is not one.
        if (end == code.width) at = (y + 1) * code.width;
    }
    return path;
}

}  // namespace

Result<std::string> qr_code_svg(std::string_view text) {
    if (text.empty() || text.contains('\0')) {
        return std::unexpected(Error{ErrorCode::InvalidInput, "not a text for a QR code"});
    }
    const std::unique_ptr<QRcode, FreeCode> code(
        QRcode_encodeString8bit(std::string(text).c_str(), 0, QR_ECLEVEL_M));
    if (!code) {
        return std::unexpected(Error{ErrorCode::TooLarge, "the text is too long for a QR code"});
    }
    const int size = code->width + 2 * quiet_zone;
    return fmt::format(
        "<svg xmlns='http://www.w3.org/2000/svg' width='{0}' height='{0}' viewBox='0 0 {1} {1}' "
        "shape-rendering='crispEdges'><path fill='white' d='M0 0h{1}v{1}h-{1}z'/>"
        "<path fill='black' d='{2}'/></svg>",
        size * pixels_per_module, size, path_of(*code));
}

}  // namespace dunlin::auth
