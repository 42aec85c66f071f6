/* SPDX-License-Identifier: Apache-2.0
 *
 * A row is the alpha-3 code with the alpha-2 code behind it, in the order of the alphabet.
 */
#include "codes/country.h"

#define ALPHA3 3
#define ALPHA2 2

static const char assigned[][ALPHA3 + ALPHA2 + 1] = {"ABWAW", "AFGAF", "AGOAO", "AIAAI", "ALAAX",
    "ALBAL", "ANDAD", "AREAE", "ARGAR", "ARMAM", "ASMAS", "ATAAQ", "ATFTF", "ATGAG", "AUSAU",
    "AUTAT", "AZEAZ", "BDIBI", "BELBE", "BENBJ", "BESBQ", "BFABF", "BGDBD", "BGRBG", "BHRBH",
    "BHSBS", "BIHBA", "BLMBL", "BLRBY", "BLZBZ", "BMUBM", "BOLBO", "BRABR", "BRBBB", "BRNBN",
    "BTNBT", "BVTBV", "BWABW", "CAFCF", "CANCA", "CCKCC", "CHECH", "CHLCL", "CHNCN", "CIVCI",
    "CMRCM", "CODCD", "COGCG", "COKCK", "COLCO", "COMKM", "CPVCV", "CRICR", "CUBCU", "CUWCW",
    "CXRCX", "CYMKY", "CYPCY", "CZECZ", "DEUDE", "DJIDJ", "DMADM", "DNKDK", "DOMDO", "DZADZ",
    "ECUEC", "EGYEG", "ERIER", "ESHEH", "ESPES", "ESTEE", "ETHET", "FINFI", "FJIFJ", "FLKFK",
    "FRAFR", "FROFO", "FSMFM", "GABGA", "GBRGB", "GEOGE", "GGYGG", "GHAGH", "GIBGI", "GINGN",
    "GLPGP", "GMBGM", "GNBGW", "GNQGQ", "GRCGR", "GRDGD", "GRLGL", "GTMGT", "GUFGF", "GUMGU",
    "GUYGY", "HKGHK", "HMDHM", "HNDHN", "HRVHR", "HTIHT", "HUNHU", "IDNID", "IMNIM", "INDIN",
    "IOTIO", "IRLIE", "IRNIR", "IRQIQ", "ISLIS", "ISRIL", "ITAIT", "JAMJM", "JEYJE", "JORJO",
    "JPNJP", "KAZKZ", "KENKE", "KGZKG", "KHMKH", "KIRKI", "KNAKN", "KORKR", "KWTKW", "LAOLA",
    "LBNLB", "LBRLR", "LBYLY", "LCALC", "LIELI", "LKALK", "LSOLS", "LTULT", "LUXLU", "LVALV",
    "MACMO", "MAFMF", "MARMA", "MCOMC", "MDAMD", "MDGMG", "MDVMV", "MEXMX", "MHLMH", "MKDMK",
    "MLIML", "MLTMT", "MMRMM", "MNEME", "MNGMN", "MNPMP", "MOZMZ", "MRTMR", "MSRMS", "MTQMQ",
    "MUSMU", "MWIMW", "MYSMY", "MYTYT", "NAMNA", "NCLNC", "NERNE", "NFKNF", "NGANG", "NICNI",
    "NIUNU", "NLDNL", "NORNO", "NPLNP", "NRUNR", "NZLNZ", "OMNOM", "PAKPK", "PANPA", "PCNPN",
    "PERPE", "PHLPH", "PLWPW", "PNGPG", "POLPL", "PRIPR", "PRKKP", "PRTPT", "PRYPY", "PSEPS",
    "PYFPF", "QATQA", "REURE", "ROURO", "RUSRU", "RWARW", "SAUSA", "SDNSD", "SENSN", "SGPSG",
    "SGSGS", "SHNSH", "SJMSJ", "SLBSB", "SLESL", "SLVSV", "SMRSM", "SOMSO", "SPMPM", "SRBRS",
    "SSDSS", "STPST", "SURSR", "SVKSK", "SVNSI", "SWESE", "SWZSZ", "SXMSX", "SYCSC", "SYRSY",
    "TCATC", "TCDTD", "TGOTG", "THATH", "TJKTJ", "TKLTK", "TKMTM", "TLSTL", "TONTO", "TTOTT",
    "TUNTN", "TURTR", "TUVTV", "TWNTW", "TZATZ", "UGAUG", "UKRUA", "UMIUM", "URYUY", "USAUS",
    "UZBUZ", "VATVA", "VCTVC", "VENVE", "VGBVG", "VIRVI", "VNMVN", "VUTVU", "WLFWF", "WSMWS",
    "YEMYE", "ZAFZA", "ZMBZM", "ZWEZW"};

/* Kosovo's certificates carry ICAO's code or the one that everybody uses. */
static const struct {
    const char *alpha3;
    const char *alpha2;
} others[] = {
    {"D", "DE"},
    {"EUE", "EU"},
    {"RKS", "KS"},
    {"RKS", "XK"},
    {"UNO", "UN"},
};

/* Doc 9303-3 §5, parts B to D, as far as persons have them; Germany and Kosovo stand above. */
static const char persons[][ALPHA3 + 1] = {"GBD", "GBN", "GBO", "GBP", "GBS", "UNA", "UNK", "XBA",
    "XCC", "XCE", "XCO", "XEC", "XIM", "XMP", "XOM", "XPO", "XXA", "XXB", "XXC", "XXX"};

/* NULL where there is none. */
static const char *row_of(const uint8_t alpha3[ALPHA3]) {
    const size_t count = sizeof assigned / sizeof *assigned;
    const size_t at = vrx_lower_bound(assigned, count, sizeof *assigned, alpha3, ALPHA3);
    return at < count && memcmp(assigned[at], alpha3, ALPHA3) == 0 ? assigned[at] : NULL;
}

bool vrx_country_same(struct vrx_view alpha3, struct vrx_view alpha2) {
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (vrx_view_equal(alpha3, vrx_view_text(others[i].alpha3)) &&
            vrx_view_equal(alpha2, vrx_view_text(others[i].alpha2)))
            return true;
    const char *row = alpha3.len == ALPHA3 ? row_of(alpha3.ptr) : NULL;
    return row && vrx_view_equal(alpha2, vrx_view_of(row + ALPHA3, ALPHA2));
}

bool vrx_country_is_nationality(struct vrx_view code) {
    if (code.len == ALPHA3 && row_of(code.ptr))
        return true;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (vrx_view_equal(code, vrx_view_text(others[i].alpha3)))
            return true;
    for (size_t i = 0; i < sizeof persons / sizeof *persons; i++)
        if (vrx_view_equal(code, vrx_view_text(persons[i])))
            return true;
    return false;
}
