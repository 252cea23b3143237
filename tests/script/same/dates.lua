for _, t in ipairs { 0, 1, -2, 86399, 951782400, 1533565800, 4102444800, -62135596800, 253402300799 } do
    for c in ("aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYzZ%"):gmatch "." do
        show(os.date, "!%" .. c, t)
    end
    for c in ("cCxXyYdz"):gmatch "." do
        show(os.date, "!%E" .. c, t)
    end
    for c in ("deHImMSuUVwWyc"):gmatch "." do
        show(os.date, "!%O" .. c, t)
    end
    local d = os.date("!*t", t)
    show(os.time, d)
    show(os.date, "!x%%y%Y", t)
    d.day = d.day + 400
    d.sec = d.sec - 100000
    show(os.time, d)
    show(function()
        return d.year, d.month, d.day, d.hour, d.min, d.sec, d.wday, d.yday, d.isdst
    end)
end
for _, format in ipairs { "%", "%E", "%EE", "%Q", "%Od%Ox", "%5", "" } do
    show(os.date, "!" .. format, 0)
end
